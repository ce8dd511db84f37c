import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

public class Send {
    public static void main(String[] args) throws Exception {
        var service = URI.create("http://localhost:7071");
        var client = HttpClient.newHttpClient();
        var event = """
            {"specversion":"1.0","id":"renewal-java","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}""";

        var response = client.send(
            HttpRequest.newBuilder(service.resolve("/api/events"))
                .header("content-type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(event))
                .build(),
            BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
        if (response.statusCode() != 202) System.exit(1);

        // The response names the event's record. Read it until the event is done.
        var record = service.resolve(response.headers().firstValue("location").orElseThrow());
        String status;
        do {
            Thread.sleep(200);
            var body = client.send(HttpRequest.newBuilder(record).build(), BodyHandlers.ofString()).body();
            var match = Pattern.compile("\"status\":\"(\\w+)\"").matcher(body);
            if (!match.find()) throw new IllegalStateException(body);
            status = match.group(1);
        } while (status.equals("recorded") || status.equals("enriching"));
        System.out.println(status);
    }
}
