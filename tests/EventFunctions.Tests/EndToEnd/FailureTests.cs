using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

public sealed class FailureTests
{
    private const string Key = "an administration key of the tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failure_is_replayed_fails_again_is_dismissed_and_brought_back()
    {
        await using var service = await StartAsync();
        using var posted = await service.PostAsync(Service.Event("gone-1"));
        await service.ReachesAsync("gone-1", "failed");
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(service, HttpMethod.Post, At("none", "replay"))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await CallAsync(service, HttpMethod.Post, At("gone-1", "restore"))).Status);

        var replayed = await CallAsync(service, HttpMethod.Post, At("gone-1", "replay"));
        Assert.Equal((HttpStatusCode.Accepted, 1), (replayed.Status, replayed.Json.GetProperty("run").GetInt32()));
        await Poll.UntilAsync(async () => (await GroupsAsync(service)) is [var group] && group.GetProperty("failedAgain").GetInt32() == 1, () => "failed again");
        var known = (await GroupsAsync(service))[0];
        Assert.Equal(("stub", "thing.changed", "dataNotFound", 1, "gone-1"), (
            known.GetProperty("producer").GetString(),
            known.GetProperty("type").GetString(),
            known.GetProperty("reason").GetString(),
            known.GetProperty("count").GetInt32(),
            known.GetProperty("samples")[0].GetProperty("id").GetString()));

        await FinishAsync(service, "/api/failures", """{"action":"dismiss","producer":"stub","type":"thing.changed","reason":"dataNotFound"}""");
        Assert.Empty(await GroupsAsync(service));
        Assert.Single(await GroupsAsync(service, "?dismissed=true"));
        Assert.True((await service.ReadAsync("gone-1")).GetProperty("dismissed").GetBoolean());
        Assert.Equal(HttpStatusCode.Accepted, (await CallAsync(service, HttpMethod.Post, At("gone-1", "restore"))).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await CallAsync(service, HttpMethod.Post, At("gone-1", "dismiss"))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await CallAsync(service, HttpMethod.Post, At("gone-1", "dismiss"))).Status);
    }

    [Fact]
    public async Task Jobs_and_replays_beyond_their_limits_are_told_when_to_come_again()
    {
        await using var service = await Service.StartAsync(settings:
            [("Administration:Key", Key), ("Jobs:MaxActive", "1"), ("Jobs:MaxRate", "1")]);
        foreach (var id in Enumerable.Range(0, 30))
        {
            using var posted = await service.PostAsync(Service.Event($"gone-{id}"));
        }

        await service.ReachesAsync("gone-29", "failed");
        var asked = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => CallAsync(service, HttpMethod.Post, "/api/replays", """{"rate":1}""")));

        var started = asked.Where(answer => answer.Status == HttpStatusCode.Accepted).ToList();
        var refused = asked.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal((1, 29), (started.Count, refused.Count));
        Assert.All(refused, answer => Assert.StartsWith("1 jobs are active, the maximum (Jobs:MaxActive). Wait", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal));

        var replays = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CallAsync(service, HttpMethod.Post, At("none", "replay"))));
        Assert.Contains(replays, answer => answer.Status == HttpStatusCode.NotFound);
        Assert.Contains(replays, answer => answer.Status == HttpStatusCode.TooManyRequests);

        // Refused requests leave no entry in the administration log.
        var log = await CallAsync(service, HttpMethod.Get, "/api/changes");
        Assert.Equal(1, log.Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_job_replays_what_its_filter_matches_and_consumers_can_tell()
    {
        await using var consumer = await Consumer.StartAsync();
        await using var service = await StartAsync(consumer);
        foreach (var id in new[] { "a", "b", "c" })
        {
            using var posted = await service.PostAsync(Service.Event(id));
            await service.ReachesAsync(id, "completed");
        }

        var dry = await CallAsync(service, HttpMethod.Post, "/api/replays", """{"status":["completed"],"dryRun":true}""");
        Assert.Equal((3, false), (dry.Json.GetProperty("count").GetInt32(), dry.Json.GetProperty("atLeast").GetBoolean()));
        var job = await FinishAsync(service, "/api/replays", """{"status":"completed","rate":50}""");

        Assert.Equal(("completed", 3, 3), (job.GetProperty("state").GetString(), job.GetProperty("matched").GetInt32(), job.GetProperty("started").GetInt32()));
        foreach (var id in new[] { "a", "b", "c" })
        {
            await Poll.UntilAsync(
                async () => (await service.ReadAsync(id)) is var record && record.GetProperty("run").GetInt32() == 1 && record.GetProperty("status").GetString() == "completed",
                () => id);
            Assert.Equal(2, service.Producer.Fetches[id]);
        }

        var list = await CallAsync(service, HttpMethod.Get, "/api/replays");
        Assert.Equal(job.GetProperty("id").GetString(), list.Json.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal("key", job.GetProperty("startedBy").GetString());
        Assert.Equal("completed", (await CallAsync(service, HttpMethod.Delete, "/api/replays/" + job.GetProperty("id").GetString())).Json.GetProperty("state").GetString());
    }

    [Fact]
    public async Task An_erased_entity_has_no_content_and_keeps_its_story()
    {
        await using var service = await StartAsync();
        using var posted = await service.PostAsync(Service.Event("secret", """{"name":"Jo"}"""));
        await service.ReachesAsync("secret", "completed");

        await FinishAsync(service, "/api/erasures", $$"""{"source":"{{Service.Source}}","subject":"secret"}""");

        var record = await service.ReadAsync("secret");
        Assert.False(record.TryGetProperty("data", out _));
        Assert.Equal(("completed", true), (record.GetProperty("status").GetString(), record.GetProperty("erased").GetBoolean()));
        Assert.Equal(["recorded", "delivered", "fetched", "completed", "erased"], Service.Steps(record));
        using var data = await service.Client.GetAsync(At("secret", "data"), Cancellation);
        Assert.Equal(HttpStatusCode.Gone, data.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await CallAsync(service, HttpMethod.Post, At("secret", "replay"))).Status);
    }

    [Fact]
    public async Task Only_administrators_may_and_everything_wrong_is_told()
    {
        await using var service = await StartAsync();
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/api/failures"), (HttpMethod.Post, "/api/failures"), (HttpMethod.Post, "/api/replays"), (HttpMethod.Get, "/api/replays"),
            (HttpMethod.Get, "/api/replays/x"), (HttpMethod.Delete, "/api/replays/x"), (HttpMethod.Post, "/api/erasures"),
            (HttpMethod.Post, At("1", "replay")), (HttpMethod.Post, At("1", "dismiss")), (HttpMethod.Post, At("1", "restore")),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(service, method, path, "{}", key: "wrong")).Status);
        }

        var wrong = await CallAsync(
            service, HttpMethod.Post, "/api/replays", """{"status":["recorded"],"source":"","reasn":"x","from":"yesterday","rate":0,"dryRun":1}""");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(
            ["#/dryRun", "#/from", "#/rate", "#/reasn", "#/source", "#/status"],
            wrong.Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, (await CallAsync(service, HttpMethod.Post, "/api/erasures", """{"source":"/s","source":"/t","subject":"x"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await CallAsync(service, HttpMethod.Get, "/api/failures?dismissed=1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(service, HttpMethod.Get, "/api/replays/x")).Status);
    }

    [Fact]
    public async Task A_job_for_a_source_producer_or_reason_that_is_not_known_is_refused_except_for_what_a_deleted_producer_left()
    {
        await using var service = await StartAsync();
        await CallAsync(service, HttpMethod.Put, "/api/producers/former", """{"source":"/former"}""");
        using (var posted = await service.PostAsync(Service.Structured("""{"specversion":"1.0","id":"left","source":"/former","type":"t","subject":"s","data":{}}""")))
        {
            Assert.True(posted.IsSuccessStatusCode, await posted.Content.ReadAsStringAsync(Cancellation));
        }

        using (var deletion = new HttpRequestMessage(HttpMethod.Delete, "/api/producers/former") { Headers = { { "x-admin-key", Key }, { "If-Match", "*" } } })
        using (var deleted = await service.Client.SendAsync(deletion, Cancellation))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        foreach (var (path, body, pointers) in new (string, string, string[])[]
        {
            ("/api/erasures", """{"source":"/hubs/*","subject":"s"}""", ["#/source"]),
            ("/api/erasures", """{"source":"/formr","subject":"s"}""", ["#/source"]),
            ("/api/failures", """{"action":"replay","producer":"stub","type":"t","reason":"dataNotFond"}""", ["#/reason"]),
            ("/api/failures", """{"action":"replay","producer":"nosuch","type":"t","reason":"dataNotFond"}""", ["#/producer", "#/reason"]),
        })
        {
            var refused = await CallAsync(service, HttpMethod.Post, path, body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Equal(pointers, refused.Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()));
        }

        Assert.Equal(HttpStatusCode.Accepted, (await CallAsync(service, HttpMethod.Post, "/api/erasures", """{"source":"/former","subject":"s"}""")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await CallAsync(service, HttpMethod.Post, "/api/erasures", $$"""{"source":"{{Service.Source}}","subject":"unseen"}""")).Status);
    }

    private static Task<Service> StartAsync(Consumer? consumer = null) =>
        Service.StartAsync(consumer, settings: [("Administration:Key", Key)]);

    private static string At(string id, string part) => $"/api/events/{id}/{part}?source={Uri.EscapeDataString(Service.Source)}";

    private static async Task<List<JsonElement>> GroupsAsync(Service service, string query = "") =>
        [.. (await CallAsync(service, HttpMethod.Get, "/api/failures" + query)).Json.GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> FinishAsync(Service service, string path, string body)
    {
        var begun = await CallAsync(service, HttpMethod.Post, path, body);
        Assert.Equal(HttpStatusCode.Accepted, begun.Status);
        var job = begun.Json;
        await Poll.UntilAsync(
            async () =>
            {
                job = (await CallAsync(service, HttpMethod.Get, begun.Location!)).Json;
                return job.GetProperty("state").GetString() == "completed";
            },
            () => job.GetRawText());
        return job;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Json, string? Location)> CallAsync(
        Service service, HttpMethod method, string path, string? body = null, string key = Key)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("x-admin-key", key);
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await service.Client.SendAsync(request, Cancellation);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)), answer.Headers.Location?.OriginalString);
    }
}
