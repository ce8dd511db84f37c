using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Administration;

public sealed class ProducerKeyApiTests
{
    private const string Key = "the-administration-key-of-this-host";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<Service> StartAsync(params (string Name, string Value)[] settings) =>
        Service.StartAsync(settings: [("Administration:Key", Key), .. settings]);

    private static async Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> SendAsync(
        Service service, string method, string path, string? json = null, string? key = null, string? administrator = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), "/api/" + path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, type);
        foreach (var (name, value) in new[] { ("x-producer-key", key), ("x-admin-key", administrator) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await service.Client.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers);
    }

    private static Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> AdministerAsync(Service service, string method, string path, string? json = null) =>
        SendAsync(service, method, "producers" + path, json, administrator: Key);

    private static Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> PostAsync(Service service, string id, string source, string? key) =>
        SendAsync(service, "POST", "events", $$"""{"id":"{{id}}","source":"{{source}}","type":"thing.changed","subject":"{{id}}","data":1}""", key);

    private static JsonElement Parsed(string json) => JsonElement.Parse(json);

    private static string Text(string json, string name) => Parsed(json).GetProperty(name).GetString()!;

    private static string Detail((HttpStatusCode Status, string Body, HttpResponseHeaders Headers) answer) => Text(answer.Body, "detail");

    private static async Task<string> MakeAsync(Service service, string producer)
    {
        var made = await AdministerAsync(service, "POST", $"/{producer}/keys", """{ "label": "nightly job" }""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return Text(made.Body, "key");
    }

    private static IEnumerable<string> Ids(string page) => Parsed(page).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!);

    [Fact]
    public async Task A_producer_with_a_key_sends_with_it_and_nothing_else_does()
    {
        await using var service = await StartAsync();
        await AdministerAsync(service, "PUT", "/other", """{ "source": "/other" }""");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(service, "before", Service.Source, null)).Status);

        var key = await MakeAsync(service, "stub");
        var forged = key[..^64] + new string('0', 64);
        var sent = await PostAsync(service, "1", Service.Source, key);
        var batch = await SendAsync(
            service, "POST", "events", $$"""[{"specversion":"1.0","id":"2","source":"{{Service.Source}}","type":"t"},{"specversion":"1.0","id":"3","source":"/other","type":"t"}]""",
            key, type: "application/cloudevents-batch+json");
        var missing = await PostAsync(service, "4", Service.Source, null);
        var wrong = await PostAsync(service, "4", Service.Source, forged);
        var mute = await PostAsync(service, "4", Service.Source, "not a key");
        var foreign = await PostAsync(service, "4", "/other", key);
        var unknown = await PostAsync(service, "4", "/nobody", key);
        var open = await PostAsync(service, "4", "/other", null);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Forbidden), (sent.Status, batch.Status));
        Assert.All([missing, wrong, mute], answer => Assert.Equal((HttpStatusCode.Unauthorized, "ApiKey"), (answer.Status, answer.Headers.WwwAuthenticate.Single().Scheme)));
        Assert.Equal("Events of the producer \"stub\" need one of its keys. Send it in x-producer-key. Nothing was recorded.", Detail(missing));
        Assert.Equal(Detail(wrong), Detail(mute));
        Assert.StartsWith("The key in x-producer-key is not valid", Detail(wrong), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.Status);
        Assert.Equal(foreign.Body.Replace("/other", "/nobody", StringComparison.Ordinal), unknown.Body);
        Assert.Equal(HttpStatusCode.Accepted, open.Status);
        Assert.Equal(["4", "1", "before"], await service.ListAsync());
    }

    [Fact]
    public async Task A_key_is_shown_once_rotated_with_an_overlap_revoked_and_removed()
    {
        await using var service = await StartAsync();

        var made = await AdministerAsync(service, "POST", "/stub/keys", """{ "label": "nightly job", "expiresAt": "2099-01-01T00:00:00Z" }""");
        var (first, id) = (Text(made.Body, "key"), Text(made.Body, "id"));
        var rotated = await AdministerAsync(service, "POST", $"/stub/keys/{id}/rotate");
        var (second, next) = (Text(rotated.Body, "key"), Text(rotated.Body, "id"));
        var again = await AdministerAsync(service, "POST", $"/stub/keys/{id}/rotate");
        var list = await AdministerAsync(service, "GET", "/stub/keys");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Conflict), (made.Status, rotated.Status, again.Status));
        Assert.All([made, rotated], answer => Assert.True(answer.Headers.CacheControl!.NoStore));
        Assert.Matches("^efp_stub_[0-9a-f]{12}_[0-9a-f]{64}$", first);
        Assert.Equal([next, id], Ids(list.Body));
        Assert.Equal(next, Parsed(list.Body).GetProperty("items")[1].GetProperty("replacedBy").GetString());
        Assert.All([first, second], key => Assert.DoesNotContain(key[^64..], list.Body, StringComparison.Ordinal));
        Assert.All([first, second], key => Assert.DoesNotContain(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(key))), list.Body, StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), ((await PostAsync(service, "1", Service.Source, first)).Status, (await PostAsync(service, "2", Service.Source, second)).Status));

        var revoked = await AdministerAsync(service, "DELETE", $"/stub/keys/{id}");
        var leaked = await AdministerAsync(service, "POST", $"/stub/keys/{next}/rotate", """{ "overlap": "00:00:00" }""");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Created), (revoked.Status, leaked.Status));
        Assert.All(
            await Task.WhenAll(PostAsync(service, "3", Service.Source, first), PostAsync(service, "3", Service.Source, second)),
            answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Equal(["active", "expired", "revoked"], Parsed((await AdministerAsync(service, "GET", "/stub/keys")).Body).GetProperty("items").EnumerateArray().Select(key => Text(key.GetRawText(), "state")));

        var removed = await AdministerAsync(service, "DELETE", "/stub/keys");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Accepted), (removed.Status, (await PostAsync(service, "3", Service.Source, null)).Status));
        Assert.Equal("""{"required":false,"items":[]}""", (await AdministerAsync(service, "GET", "/stub/keys")).Body);
    }

    [Fact]
    public async Task A_key_reads_its_producers_events_and_all_others_are_not_there()
    {
        await using var service = await StartAsync();
        await AdministerAsync(service, "PUT", "/other", """{ "source": "/other" }""");
        Assert.All(
            new[] { await PostAsync(service, "mine", "/other", null), await PostAsync(service, "theirs", Service.Source, null) },
            answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        await service.ReachesAsync("theirs", "completed");
        var key = await MakeAsync(service, "other");

        Assert.Equal(["mine"], Ids((await ReadAsync("events")).Body));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync("events/mine?source=/other")).Status);
        foreach (var part in new[] { "", "/data", "/data?run=0" })
        {
            var separator = part.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var theirs = await ReadAsync($"events/theirs{part}{separator}source={Service.Source}");
            var nobodys = await ReadAsync($"events/nobodys{part}{separator}source={Service.Source}");
            Assert.Equal((HttpStatusCode.NotFound, nobodys.Body), (theirs.Status, theirs.Body));
        }

        foreach (var empty in new[] { $"events?source={Service.Source}", $"entities?source={Service.Source}", "refusals?producer=stub", "events?subject=theirs" })
        {
            Assert.Equal("""{"items":[]}""", (await ReadAsync(empty)).Body);
        }

        var segment = "~" + Convert.ToBase64String(Encoding.UTF8.GetBytes(Service.Source)).TrimEnd('=');
        await Poll.UntilAsync(async () => (await SendAsync(service, "GET", $"entities/{segment}/theirs")).Status == HttpStatusCode.OK, () => "no entity");
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync($"entities/{segment}/theirs")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync($"entities/{segment}/theirs/events")).Status);
        Assert.All(Parsed((await ReadAsync("entities")).Body).GetProperty("items").EnumerateArray(), entity => Assert.Equal("/other", entity.GetProperty("source").GetString()));
        Assert.DoesNotContain("theirs", (await ReadAsync("feed")).Body, StringComparison.Ordinal);
        Assert.Contains("theirs", (await SendAsync(service, "GET", "feed")).Body, StringComparison.Ordinal);
        foreach (var path in new[] { "events", "events/mine?source=/other", "events/mine/data?source=/other", "entities", "feed", "stream", "refusals?producer=other" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(service, "GET", path, key: key[..^64] + new string('0', 64))).Status);
        }

        Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> ReadAsync(string path) => SendAsync(service, "GET", path, key: key);
    }

    [Fact]
    public async Task The_heir_of_a_source_does_not_read_what_its_former_owner_sent()
    {
        await using var service = await StartAsync();
        await AdministerAsync(service, "PUT", "/former", """{ "source": "/inherited", "entities": true }""");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(service, "old", "/inherited", null)).Status);
        await EntityAsync("old");
        using (var deletion = new HttpRequestMessage(HttpMethod.Delete, "/api/producers/former") { Headers = { { "x-admin-key", Key }, { "If-Match", "*" } } })
        using (var deleted = await service.Client.SendAsync(deletion, Stop))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        await AdministerAsync(service, "PUT", "/heir", """{ "source": "/inherited", "entities": true }""");
        var key = await MakeAsync(service, "heir");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(service, "new", "/inherited", key)).Status);

        Assert.Equal(["new"], Ids((await SendAsync(service, "GET", "events", key: key)).Body));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, "GET", "events/new?source=/inherited", key: key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "GET", "events/old?source=/inherited", key: key)).Status);

        var entity = await EntityAsync("new");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, "GET", entity + "/events", key: key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "GET", await EntityAsync("old"), key: key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "GET", await EntityAsync("old") + "/events", key: key)).Status);
        Assert.Equal(
            "new",
            Assert.Single(Parsed((await SendAsync(service, "GET", "entities", key: key)).Body).GetProperty("items").EnumerateArray()).GetProperty("subject").GetString());

        async Task<string> EntityAsync(string subject)
        {
            var path = $"entities/{Uri.EscapeDataString(EventPath.ToSegment("/inherited"))}/{subject}";
            await Poll.UntilAsync(async () => (await SendAsync(service, "GET", path)).Status == HttpStatusCode.OK, () => "no entity");
            return path;
        }
    }

    [Fact]
    public async Task A_stream_that_is_opened_with_a_key_shows_its_producers_events_alone()
    {
        await using var service = await StartAsync();
        await AdministerAsync(service, "PUT", "/other", """{ "source": "/other" }""");
        var key = await MakeAsync(service, "other");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stream");
        request.Headers.TryAddWithoutValidation("x-producer-key", key);
        using var response = await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));

        await PostAsync(service, "theirs", Service.Source, null);
        await service.ReachesAsync("theirs", "completed");
        await PostAsync(service, "mine", "/other", key);

        string? line;
        do
        {
            line = await lines.ReadLineAsync(Stop);
        }
        while (line?.StartsWith("data:", StringComparison.Ordinal) == false);
        Assert.Equal("mine", Text(line![5..], "id"));
    }

    [Fact]
    public async Task Reading_may_need_a_key_and_administrators_read_without()
    {
        await using var service = await StartAsync(("Api:ReadWithProducerKeyOnly", "true"));
        var key = await MakeAsync(service, "stub");

        var bare = await SendAsync(service, "GET", "events");
        var withKey = await SendAsync(service, "GET", "events", key: key);
        var administrator = await SendAsync(service, "GET", "events", administrator: Key);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (bare.Status, withKey.Status, administrator.Status));
        Assert.StartsWith("Reading needs a producer key.", Detail(bare), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_comes_with_a_key_needs_that_of_its_producer()
    {
        await using var service = await StartAsync(("ProducerSecrets:INSURER", "a-secret-of-16-b"));
        const string Message = """{"n":"1"}""";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData("a-secret-of-16-b"u8, Encoding.UTF8.GetBytes(Message)));
        await AdministerAsync(service, "PUT", "/insurer", """
            { "source": "/insurer", "messages": { "id": { "pointer": "/n" }, "type": { "constant": "t" } },
              "verification": { "kind": "hmac", "header": "X-Signature", "secrets": ["INSURER"] } }
            """);
        var (own, other) = (await MakeAsync(service, "insurer"), await MakeAsync(service, "stub"));

        Assert.Equal(HttpStatusCode.Accepted, await SignedAsync(null));
        Assert.Equal(HttpStatusCode.Accepted, await SignedAsync(own));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignedAsync(other));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignedAsync(own[..^64] + new string('0', 64)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SignedAsync(own, "00"));

        async Task<HttpStatusCode> SignedAsync(string? key, string? with = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/producers/insurer/events");
            request.Content = new StringContent(Message, Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation("X-Signature", with ?? signature);
            if (key is not null)
            {
                request.Headers.TryAddWithoutValidation("x-producer-key", key);
            }

            using var response = await service.Client.SendAsync(request, Stop);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Only_administrators_have_to_do_with_keys_and_what_is_wrong_is_told_with_its_place()
    {
        await using var service = await StartAsync();
        var key = await MakeAsync(service, "stub");
        foreach (var (method, path) in new[] { ("GET", ""), ("POST", ""), ("DELETE", ""), ("DELETE", "/0a1b2c3d4e5f"), ("POST", "/0a1b2c3d4e5f/rotate") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(service, method, "producers/stub/keys" + path, key: key)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await AdministerAsync(service, method, "/nobody/keys" + path)).Status);
        }

        var made = await AdministerAsync(service, "POST", "/stub/keys", """{ "label": "", "expiresAt": "2020-01-01T00:00:00Z", "colour": "red" }""");
        var overlap = await AdministerAsync(service, "POST", "/stub/keys/0a1b2c3d4e5f/rotate", """{ "overlap": "999:00:00" }""");
        var missing = await AdministerAsync(service, "DELETE", "/stub/keys/0a1b2c3d4e5f");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (made.Status, overlap.Status, missing.Status));
        Assert.Equal(["#/label", "#/expiresAt", "#/colour"], Parsed(made.Body).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()));
        Assert.Single(Ids((await AdministerAsync(service, "GET", "/stub/keys")).Body));
    }
}
