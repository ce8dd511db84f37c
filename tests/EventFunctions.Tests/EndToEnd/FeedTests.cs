using System.Text.Json;
using EventFunctions.Records;
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

        // The good event may be enriched before the refusal of its page is recorded.
        var refusals = default(JsonElement);
        await Poll.UntilAsync(
            async () => (refusals = await ListAsync(service, "?producer=feed")).GetProperty("items").GetArrayLength() > 0, () => refusals.GetRawText());
        using var misspelt = await service.Client.GetAsync("/api/refusals?producer=feed&continuation=abc&order=asc&limit=0", Cancellation);

        Assert.Single(consumer.Received["good"]);
        var refusal = Assert.Single(refusals.GetProperty("items").EnumerateArray());
        Assert.Equal(["producer", "eventId", "refusedAt", "errors", "event"], refusal.EnumerateObject().Select(member => member.Name));
        Assert.Equal("bad", refusal.GetProperty("eventId").GetString());
        Assert.Equal("#/type", refusal.GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Empty((await ListAsync(service, "?producer=stub")).GetProperty("items").EnumerateArray());
        Assert.Equal("bad", Assert.Single((await ListAsync(service, "")).GetProperty("items").EnumerateArray()).GetProperty("eventId").GetString());
        Assert.Equal(3, JsonElement.Parse(await misspelt.Content.ReadAsStringAsync(Cancellation)).GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task An_entry_with_the_method_DELETE_is_completed_without_a_fetch_and_marks_the_history_of_its_entity()
    {
        await using var producer = await StubServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(
                context.Request.Path == "/events" && !context.Request.Query.ContainsKey("lastEventId")
                    ? $$"""[{"specversion":"1.0","id":"gone","source":"{{Source}}","type":"thing","subject":"thing-1","method":"DELETE"}]"""
                    : "[]",
                Cancellation);
        });
        await using var service = await Service.StartAsync(settings:
        [
            ("Producers:feed:name", "feed"),
            ("Producers:feed:source", Source),
            ("Producers:feed:entities", "true"),
            ("Producers:feed:data:baseUrl", producer.Url.AbsoluteUri),
            ("Producers:feed:data:template", "data/{subject}"),
            ("Producers:feed:types:thing:schema", """{"type":"object","required":["premium"]}"""),
            ("Producers:feed:feed:url", "events"),
            ("Producers:feed:feed:schedule", "* * * * * *"),
        ]);

        var record = default(JsonElement);
        await Poll.UntilAsync(
            async () =>
            {
                using var answer = await service.Client.GetAsync($"/api/events/gone?source={Source}", Cancellation);
                record = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
                return answer.IsSuccessStatusCode && record.GetProperty("status").GetString() == "completed";
            },
            () => record.GetRawText());
        var entities = JsonElement.Parse(await service.Client.GetStringAsync($"/api/entities?source={Source}", Cancellation)).GetProperty("items");
        var history = JsonElement.Parse(await service.Client.GetStringAsync(
            $"/api/entities/{Uri.EscapeDataString(EventPath.ToSegment(Source))}/thing-1/events", Cancellation)).GetProperty("items");

        Assert.True(record.GetProperty("deletion").GetBoolean());
        Assert.Equal("method DELETE", record.GetProperty("reason").GetString());
        Assert.True(Assert.Single(history.EnumerateArray()).GetProperty("deletion").GetBoolean());
        Assert.True(entities[0].GetProperty("types").GetProperty("thing").GetProperty("latest").GetProperty("deletion").GetBoolean());
        Assert.DoesNotContain(producer.Requests, request => request.Target.StartsWith("/data", StringComparison.Ordinal));
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
