using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.EndToEnd;

public sealed class ErasureTests
{
    private const string Key = "an administration key of the tests";
    private const string Source = "/tests/erasure";
    private const string OfEvent = "Jo lives in Dorking";
    private const string OfData = "Jo earns 12 shillings";
    private const string OfRefusal = "Jo owes a guinea";
    private const string OfOther = "Mo lives in Reigate";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_an_erasure_no_file_has_anything_of_the_events_their_data_refusals_deliveries_dead_letters_or_answers_to_them()
    {
        await using var producer = await StubServer.StartAsync(ProduceAsync);
        await using var endpoint = await StubServer.StartAsync();
        endpoint.Answer = context => EchoAsync(context, endpoint.Requests.Last(request => request.Headers["webhook-id"] == context.Request.Headers["webhook-id"]).Body);
        await using var consumer = await Consumer.StartAsync();
        await using var service = await StartAsync(producer, consumer);
        using (var registered = await CallAsync(service, HttpMethod.Put, "/api/webhooks/crm", $$"""{"url":"{{endpoint.Url}}crm","events":"both"}"""))
        {
            Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        }

        // Dead letters of the one, and deliveries of the other that wait for their next attempt.
        consumer.Status = StatusCodes.Status400BadRequest;
        await PostAsync(service, "buried", "jo", OfEvent);
        await PostAsync(service, "other", "mo", OfOther);
        await Poll.UntilAsync(() => Texts(service.DeadLetterFolder) is var letters && letters.Contains(OfData, StringComparison.Ordinal)
            && letters.Contains(OfOther, StringComparison.Ordinal), () => "No dead letters.");
        consumer.Status = StatusCodes.Status503ServiceUnavailable;
        await PostAsync(service, "waiting", "jo", OfEvent);
        await Poll.UntilAsync(async () => (await AnswersAsync(service)).Count(answer => answer.Contains(OfEvent, StringComparison.Ordinal)) >= 2, () => "No answers.");
        await Poll.UntilAsync(() => Left(service).Length == 4, () => string.Join(' ', Left(service)));

        await EraseAsync(service, "jo");

        Assert.Equal([OfOther], Left(service));
        Assert.Contains(OfOther, Texts(service.DeadLetterFolder), StringComparison.Ordinal);
        Assert.DoesNotContain(await AnswersAsync(service), answer => answer.Contains("Jo", StringComparison.Ordinal));
        Assert.Contains(await AnswersAsync(service), answer => answer.Contains(OfOther, StringComparison.Ordinal));
    }

    private static async Task<Service> StartAsync(StubServer producer, Consumer consumer)
    {
        var service = await Service.StartAsync(consumer, settings:
        [
            ("Administration:Key", Key),
            ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
            ("Producers:feed:name", "feed"),
            ("Producers:feed:source", Source),
            ("Producers:feed:data:baseUrl", producer.Url.AbsoluteUri),
            ("Producers:feed:data:template", "data/{subject}"),
            ("Producers:feed:feed:url", "events"),
            ("Producers:feed:feed:schedule", "* * * * * *"),
        ]);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", Key);
        return service;
    }

    private static Task ProduceAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(context.Request.Path == "/events"
            ? $$"""[{"specversion":"1.0","id":"refused","source":"{{Source}}","subject":"jo","data":"{{OfRefusal}}"}]"""
            : context.Request.Path == "/data/jo" ? $$"""{"income":"{{OfData}}"}""" : "{}");
    }

    private static async Task EchoAsync(HttpContext context, byte[] posted)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        await context.Response.WriteAsync("This is no policy: ");
        await context.Response.Body.WriteAsync(posted);
    }

    private static async Task PostAsync(Service service, string id, string subject, string text)
    {
        using var accepted = await service.PostAsync(Service.Structured(
            $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"{{{Source}}}","type":"thing.changed","subject":"{{{subject}}}","data":{"note":"{{{text}}}"}}"""));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
    }

    private static async Task EraseAsync(Service service, string subject)
    {
        using var begun = await CallAsync(service, HttpMethod.Post, "/api/erasures", $$"""{"source":"{{Source}}","subject":"{{subject}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        var job = "";
        await Poll.UntilAsync(
            async () => JsonElement.Parse(job = await service.Client.GetStringAsync(begun.Headers.Location, Cancellation)).GetProperty("state").GetString() == "completed",
            () => job);
    }

    private static async Task<List<string>> AnswersAsync(Service service) =>
    [
        .. JsonElement.Parse(await service.Client.GetByteArrayAsync("/api/webhooks/crm/deliveries", Cancellation)).GetProperty("items").EnumerateArray()
            .SelectMany(delivery => delivery.GetProperty("attempts").EnumerateArray())
            .Select(attempt => attempt.TryGetProperty("answer", out var answer) ? answer.GetString()! : ""),
    ];

    private static Task<HttpResponseMessage> CallAsync(Service service, HttpMethod method, string path, string json) => service.Client.SendAsync(
        new HttpRequestMessage(method, path) { Content = new StringContent(json, new MediaTypeHeaderValue("application/json")) }, Cancellation);

    private static string[] Left(Service service)
    {
        var texts = Texts(service.Folder);
        return [.. new[] { OfEvent, OfData, OfRefusal, OfOther }.Where(text => texts.Contains(text, StringComparison.Ordinal))];
    }

    // Files may vanish or be in the making; the lock of the folder cannot be read.
    private static string Texts(string folder)
    {
        var text = new StringBuilder();
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock") : [])
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(file, Encoding.Latin1);
                text.Append(reader.ReadToEnd());
            }
            catch (IOException) when (path.EndsWith(".tmp", StringComparison.Ordinal) || !File.Exists(path))
            {
            }
        }

        return text.ToString();
    }
}
