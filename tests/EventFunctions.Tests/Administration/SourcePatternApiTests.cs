using System.Net;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Administration;

public sealed class SourcePatternApiTests
{
    private const string Key = "the-administration-key-of-this-host";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Producers_whose_patterns_nest_neither_send_nor_read_for_each_other()
    {
        await using var service = await StartAsync();
        await RegisterAsync(service, "hubs", "/hubs/*");
        var hubs = await MakeKeyAsync(service, "hubs");
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "1", "/hubs/a", hubs));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "early", "/hubs/b/c", hubs));
        await RegisterAsync(service, "b", "/hubs/b/*");
        await RegisterAsync(service, "c", "/hubs/b/c");
        var (b, c) = (await MakeKeyAsync(service, "b"), await MakeKeyAsync(service, "c"));

        // The same ID at another source is another event.
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "1", "/hubs/b/x", b));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "1", "/hubs/b/c", c));
        foreach (var (source, key) in new[] { ("/hubs/b/x", hubs), ("/hubs/b/c", hubs), ("/hubs/b/c", b), ("/hubs/a", b), ("/hubs/b/x", c), ("/hubs", hubs) })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(service, "2", source, key));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(service, "2", "/hubs/b/c", null));
        Assert.Equal(["early /hubs/b/c", "1 /hubs/a"], await ListAsync(service, "events", hubs));
        Assert.Equal(["1 /hubs/b/x"], await ListAsync(service, "events", b));
        Assert.Equal(["1 /hubs/b/c"], await ListAsync(service, "events", c));
        Assert.Equal(["1 /hubs/b/x"], await ListAsync(service, "events?producer=b", null));
        Assert.Empty(await ListAsync(service, "events?producer=b", hubs));
        Assert.Equal(["early /hubs/b/c"], await ListAsync(service, "events?source=/hubs/b/c", hubs));
        Assert.Empty(await ListAsync(service, "events?source=/hubs/a", b));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK],
            [
                await GetAsync(service, "events/early?source=/hubs/b/c", hubs), await GetAsync(service, "events/early?source=/hubs/b/c", c),
                await GetAsync(service, "events/1?source=/hubs/b/c", hubs), await GetAsync(service, "events/1?source=/hubs/b/c", c),
            ]);

        foreach (var id in new[] { ("1", "/hubs/a"), ("1", "/hubs/b/x"), ("1", "/hubs/b/c"), ("early", "/hubs/b/c") })
        {
            await CompletedAsync(service, id.Item1, id.Item2);
        }

        Assert.Equal(["1:enriched /hubs/a", "early:enriched /hubs/b/c"], (await ListAsync(service, "feed", hubs)).Order(StringComparer.Ordinal));
        Assert.Equal(["/hubs/a e1", "/hubs/b/c eearly"], (await EntitiesAsync(service, hubs)).Order(StringComparer.Ordinal));
        Assert.Equal(["/hubs/b/x e1"], await EntitiesAsync(service, b));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.NotFound],
            [await GetAsync(service, "entities/~L2h1YnMvYi9j/eearly", hubs), await GetAsync(service, "entities/~L2h1YnMvYi9j/e1", hubs)]);
        Assert.Contains("\"id\":\"early\"", (await CallAsync(service, "GET", "producers/hubs/state", admin: true)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_keeps_the_producer_it_was_recorded_for_when_a_more_specific_one_takes_over()
    {
        await using var service = await StartAsync(("Producers:stub:Source", "/hubs/*"));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "1", "/hubs/a", null));
        await CompletedAsync(service, "1", "/hubs/a");
        await RegisterAsync(service, "a", "/hubs/a");

        await CallAsync(service, "POST", "events/1/replay?source=/hubs/a", admin: true);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "2", "/hubs/a", null));
        await CompletedAsync(service, "1", "/hubs/a", run: 1);
        await CompletedAsync(service, "2", "/hubs/a");

        // The new producer has no place to fetch from: only the old event was fetched, twice.
        Assert.Equal([KeyValuePair.Create("e1", 2)], service.Producer.Fetches);
        Assert.Contains("\"producer\":\"stub\"", (await CallAsync(service, "GET", "events/1?source=/hubs/a")).Body, StringComparison.Ordinal);
        Assert.Contains("\"producer\":\"a\"", (await CallAsync(service, "GET", "events/2?source=/hubs/a")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_pattern_has_one_producer()
    {
        await using var service = await StartAsync(("Producers:stub:Source", "/fixed/*"));
        await RegisterAsync(service, "hubs", "/hubs/*");

        var (status, body) = await CallAsync(service, "PUT", "producers/other", """{ "source": "/hubs/*" }""", admin: true);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("hubs", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await CallAsync(service, "PUT", "producers/other", """{ "source": "/fixed/*" }""", admin: true)).Status);
        await RegisterAsync(service, "other", "/fixed/a");
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(service, "1", "/fixed/a", null));
        Assert.Contains("\"producer\":\"other\"", (await CallAsync(service, "GET", "events/1?source=/fixed/a")).Body, StringComparison.Ordinal);
        await CallAsync(service, "DELETE", "producers/hubs", admin: true);
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(service, "1", "/hubs/a", null));
    }

    private static Task<Service> StartAsync(params (string Name, string Value)[] settings) => Service.StartAsync(settings: [("Administration:Key", Key), .. settings]);

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(
        Service service, string method, string path, string? json = null, string? key = null, bool admin = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), "/api/" + path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null)
        {
            request.Headers.Add("x-producer-key", key);
        }

        if (admin)
        {
            request.Headers.Add("x-admin-key", Key);
            if (method is "PUT" or "DELETE")
            {
                request.Headers.TryAddWithoutValidation(method == "PUT" ? "If-None-Match" : "If-Match", "*");
            }
        }

        using var response = await service.Client.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    private static async Task RegisterAsync(Service service, string name, string source) => Assert.Equal(
        HttpStatusCode.Created, (await CallAsync(service, "PUT", "producers/" + name, $$"""{ "source": "{{source}}", "entities": true }""", admin: true)).Status);

    private static async Task<string> MakeKeyAsync(Service service, string name) =>
        JsonElement.Parse((await CallAsync(service, "POST", $"producers/{name}/keys", """{ "label": "k" }""", admin: true)).Body).GetProperty("key").GetString()!;

    private static async Task<HttpStatusCode> PostAsync(Service service, string id, string source, string? key) => (await CallAsync(
        service, "POST", "events", $$"""{"id":"{{id}}","source":"{{source}}","type":"t","subject":"e{{id}}","data":1}""", key)).Status;

    private static async Task<HttpStatusCode> GetAsync(Service service, string path, string key) => (await CallAsync(service, "GET", path, key: key)).Status;

    private static async Task<IEnumerable<string>> ListAsync(Service service, string path, string? key)
    {
        var body = JsonElement.Parse((await CallAsync(service, "GET", path, key: key)).Body);
        return (body.ValueKind == JsonValueKind.Array ? body : body.GetProperty("items")).EnumerateArray().Select(item => $"{item.GetProperty("id").GetString()} {item.GetProperty("source").GetString()}");
    }

    private static async Task<IEnumerable<string>> EntitiesAsync(Service service, string key) => JsonElement
        .Parse((await CallAsync(service, "GET", "entities", key: key)).Body)
        .GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("source").GetString()} {item.GetProperty("subject").GetString()}");

    private static Task CompletedAsync(Service service, string id, string source, int run = 0) => Poll.UntilAsync(
        async () => JsonElement.Parse((await CallAsync(service, "GET", $"events/{id}?source={source}")).Body) is var record
            && (record.GetProperty("run").GetInt32(), record.GetProperty("status").GetString()) is (var at, "completed" or "failed") && at == run,
        () => id);
}
