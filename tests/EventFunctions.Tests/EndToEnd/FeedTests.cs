using System.Text.Json;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.EndToEnd;

public sealed class FeedTests
{
    private const string Source = "/tests/feed";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pulled_event_is_published_and_enriched_and_a_bad_one_is_listed_with_its_errors()
    {
        await using var consumer = await Consumer.StartAsync();
        await using var producer = await StubServer.StartAsync(AnswerAsync);
        await using var service = await Service.StartAsync(consumer, settings:
        [
            ("Producers:feed:name", "feed"),
            ("Producers:feed:source", Source),
            ("Producers:feed:data:baseUrl", producer.Url.AbsoluteUri),
            ("Producers:feed:data:template", "data/{subject}"),
            ("Producers:feed:feed:url", "events"),
            ("Producers:feed:feed:schedule", "* * * * * *"),
        ]);

        await Poll.UntilAsync(() => consumer.Received.ContainsKey("good:enriched"), () => string.Join(' ', consumer.Received.Keys));
        var refusals = await ListAsync(service, "?producer=feed");
        using var misspelt = await service.Client.GetAsync("/api/refusals?producer=feed&continuation=abc&order=asc&limit=0", Cancellation);

        Assert.Single(consumer.Received["good"]);
        var refusal = Assert.Single(refusals.GetProperty("items").EnumerateArray());
        Assert.Equal(["producer", "eventId", "refusedAt", "errors", "event"], refusal.EnumerateObject().Select(member => member.Name));
        Assert.Equal("bad", refusal.GetProperty("eventId").GetString());
        Assert.Equal("#/type", refusal.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Empty((await ListAsync(service, "?producer=stub")).GetProperty("items").EnumerateArray());
        Assert.Empty((await ListAsync(service, "")).GetProperty("items").EnumerateArray());
        Assert.Equal(3, JsonElement.Parse(await misspelt.Content.ReadAsStringAsync(Cancellation)).GetProperty("errors").GetArrayLength());
    }

    private static async Task<JsonElement> ListAsync(Service service, string query) =>
        JsonElement.Parse(await service.Client.GetStringAsync("/api/refusals" + query, Cancellation));

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            context.Request.Path != "/events" ? """{"premium":1}"""
            : context.Request.Query["lastEventId"] == "good" ? "[]"
            : $$"""[{"specversion":"1.0","id":"bad","source":"{{Source}}"},{"specversion":"1.0","id":"good","source":"{{Source}}","type":"t","subject":"s"}]""");
    }
}
