using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.EndToEnd;

public sealed class OwnEventWebhookTests
{
    private const string Key = "an administration key of the tests";
    private const string Failed = "eventfunctions.event.failed";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_that_filters_the_type_is_called_when_an_event_fails_for_good_and_others_are_not()
    {
        await using var endpoint = await StubServer.StartAsync();
        await using var service = await StartAsync();
        var secret = await RegisterAsync(service, "oncall", $$"""{"url":"{{endpoint.Url}}oncall","filters":[{"operatorType":"StringIn","key":"type","values":["{{Failed}}"]}]}""");
        await RegisterAsync(service, "crm", $$"""{"url":"{{endpoint.Url}}crm","events":"both"}""");

        await service.PostAsync(Service.Event(StubProducer.Gone + "1"));
        await Poll.UntilAsync(() => At(endpoint, "/oncall").Any(), () => "The webhook was not called.");

        var call = At(endpoint, "/oncall").First();
        var body = JsonElement.Parse(call.Body);
        Assert.Equal((Failed, "/eventfunctions", Service.Source), (body.GetProperty("type").GetString(), body.GetProperty("source").GetString(), body.GetProperty("data").GetProperty("source").GetString()));
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var signed = Encoding.UTF8.GetBytes($"{call.Headers["webhook-id"]}.{call.Headers["webhook-timestamp"]}.").Concat(call.Body).ToArray();
        Assert.Equal("v1," + Convert.ToBase64String(hmac.ComputeHash(signed)), call.Headers["webhook-signature"].ToString());

        // The other webhook got the producer's event only, and the service's own event is completed, with its delivery.
        await Poll.UntilAsync(() => At(endpoint, "/crm").Any(), () => "The other webhook was not called.");
        Assert.All(At(endpoint, "/crm"), one => Assert.DoesNotContain(Failed, Encoding.UTF8.GetString(one.Body), StringComparison.Ordinal));
        var record = Assert.Single(await OwnAsync(service));
        Assert.Equal(("completed", "eventfunctions"), (record.GetProperty("status").GetString(), record.GetProperty("producer").GetString()));
        using var replayed = await service.Client.PostAsync($"/api/events/{Uri.EscapeDataString(record.GetProperty("id").GetString()!)}/replay?source=/eventfunctions", null, Stop);
        Assert.Equal(HttpStatusCode.Conflict, replayed.StatusCode);
    }

    [Fact]
    public async Task A_delivery_of_such_an_event_that_fails_is_tried_again_and_makes_no_other()
    {
        await using var endpoint = await StubServer.StartAsync();
        var calls = 0;
        endpoint.Answer = context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref calls) < 3 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };
        await using var service = await StartAsync();
        await RegisterAsync(
            service, "oncall", $$"""{"url":"{{endpoint.Url}}oncall","retry":["00:00:01","00:00:01","00:00:01"],"filters":[{"operatorType":"StringBeginsWith","key":"type","values":["eventfunctions."]}]}""");

        await service.PostAsync(Service.Event(StubProducer.Gone + "1"));
        await Poll.UntilAsync(() => Volatile.Read(ref calls) >= 3, () => $"{calls} calls.");

        var ids = At(endpoint, "/oncall").Select(call => call.Headers["webhook-id"].ToString()).Distinct();
        Assert.Single(ids);
        Assert.Single(await OwnAsync(service));
    }

    private static async Task<Service> StartAsync()
    {
        var service = await Service.StartAsync(settings: [("Administration:Key", Key), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8")]);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", Key);
        return service;
    }

    private static async Task<string> RegisterAsync(Service service, string name, string definition)
    {
        using var response = await service.Client.PutAsync("/api/webhooks/" + name, new StringContent(definition, Encoding.UTF8, "application/json"), Stop);
        var body = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == HttpStatusCode.Created, body);
        return JsonElement.Parse(body).GetProperty("secret").GetString()!;
    }

    private static IEnumerable<StubRequest> At(StubServer server, string path) => server.Requests.Where(request => request.Target == path);

    private static async Task<List<JsonElement>> OwnAsync(Service service) =>
        [.. JsonElement.Parse(await service.Client.GetStringAsync("/api/events?source=/eventfunctions", Stop)).GetProperty("items").EnumerateArray()];
}
