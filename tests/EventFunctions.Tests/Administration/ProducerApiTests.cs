using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Administration;

public sealed class ProducerApiTests
{
    private const string Key = "the-administration-key-of-this-host";
    private const string Administrator = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    private const string Stranger = "9b2e1c7a-1111-4222-8333-444455556666";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<Service> StartAsync(params (string Name, string Value)[] settings) =>
        Service.StartAsync(settings: [("Administration:Key", Key), .. settings]);

    private static async Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> SendAsync(
        Service service, HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/api/producers" + path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers.Any(header => header.Name == "x-admin-key") ? headers : headers.Append(("x-admin-key", Key)))
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await service.Client.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers);
    }

    private static string Claims(string id, string provider = "aad") => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        $$"""{"auth_typ":"{{provider}}","claims":[{"typ":"aud","val":"x"},{"typ":"http://schemas.microsoft.com/identity/claims/objectidentifier","val":"{{id}}"}]}"""));

    private static JsonElement Parsed(string json) => JsonElement.Parse(json);

    private static IEnumerable<string> Pointers(string problem) =>
        Parsed(problem).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()!);

    [Fact]
    public async Task The_state_of_a_producer_is_its_newest_event_and_what_is_expected_of_it()
    {
        await using var service = await StartAsync(("Producers:stub:Types:thing.changed:ExpectEvery", "01:00:00"));
        var before = await SendAsync(service, HttpMethod.Get, "/stub/state");
        using (await service.PostAsync(Service.Event("1", data: "{}")))
        {
            await service.ReachesAsync("1", "completed");
        }

        var after = await SendAsync(service, HttpMethod.Get, "/stub/state");
        var unknown = await SendAsync(service, HttpMethod.Get, "/nobody/state");
        var stranger = await SendAsync(service, HttpMethod.Get, "/stub/state", null, ("x-admin-key", "wrong"));

        Assert.Equal(
            """{"expectations":[{"type":"thing.changed","expectEvery":"01:00:00","expectPerEntity":false,"missing":[],"whole":true}]}""", before.Body);
        var newest = Parsed(after.Body).GetProperty("newest");
        Assert.Equal(("1", "completed"), (newest.GetProperty("id").GetString(), newest.GetProperty("status").GetString()));
        Assert.False(newest.TryGetProperty("data", out _));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Forbidden), (unknown.Status, stranger.Status));
    }

    [Fact]
    public async Task A_producer_registered_over_HTTP_can_send_at_once_and_no_more_when_it_is_deleted()
    {
        await using var service = await StartAsync();
        const string Event = """{"id":"1","source":"/new","type":"t","data":{}}""";
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync());

        var created = await SendAsync(service, HttpMethod.Put, "/new", """{ "source": "/new" }""");
        Assert.Equal((HttpStatusCode.Created, """{"name":"new","source":"/new"}"""), (created.Status, created.Body));
        Assert.Equal("/api/producers/new", created.Headers.Location!.OriginalString);
        Assert.Equal("\"1\"", created.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync());

        var deleted = await SendAsync(service, HttpMethod.Delete, "/new", null, ("If-Match", "\"1\""));
        Assert.Equal((HttpStatusCode.NoContent, ""), (deleted.Status, deleted.Body));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync());

        async Task<HttpStatusCode> PostAsync()
        {
            using var response = await service.PostAsync(new StringContent(Event, Encoding.UTF8, "application/json"));
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("producers", "producer", """{ "source": "/p" }""")]
    [InlineData("webhooks", "webhook", """{ "url": "https://crm.example.com/" }""")]
    public async Task A_failed_precondition_says_whether_the_object_was_changed_does_not_exist_or_exists_already(string collection, string noun, string definition)
    {
        await using var service = await StartAsync();
        var missing = $"The {noun} does not exist.";
        await RefusedAsync(HttpMethod.Delete, "If-Match", "*", missing);
        await RefusedAsync(HttpMethod.Put, "If-Match", "\"9\"", missing);
        await SendAsync(service, HttpMethod.Put, $"/../{collection}/p", definition);
        await RefusedAsync(HttpMethod.Put, "If-None-Match", "*", $"The {noun} exists already.");
        await RefusedAsync(HttpMethod.Delete, "If-Match", "\"9\"", $"The {noun} was changed since you read it.");

        async Task RefusedAsync(HttpMethod method, string header, string value, string detail)
        {
            var answer = await SendAsync(service, method, $"/../{collection}/p", method == HttpMethod.Put ? definition : null, (header, value));
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.Status);
            Assert.StartsWith(detail, Parsed(answer.Body).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_definition_is_read_changed_and_its_history_told()
    {
        await using var service = await StartAsync();
        await SendAsync(service, HttpMethod.Put, "/p", """{ "name": "p", "source": "/p" }""");

        var read = await SendAsync(service, HttpMethod.Get, "/p");
        var blind = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/q" }""");
        var again = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/q" }""", ("If-None-Match", "*"));
        var changed = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/q" }""", ("If-Match", read.Headers.ETag!.ToString()));
        var late = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/r" }""", ("If-Match", read.Headers.ETag.ToString()));
        var garbled = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/r" }""", ("If-Match", "1"));
        var history = await SendAsync(service, HttpMethod.Get, "/p/history?limit=1");
        var older = await SendAsync(service, HttpMethod.Get, "/p/history");

        Assert.Equal((HttpStatusCode.OK, """{"name":"p","source":"/p"}"""), (read.Status, read.Body));
        Assert.Equal(HttpStatusCode.PreconditionRequired, blind.Status);
        Assert.Equal("\"1\"", blind.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.PreconditionFailed, again.Status);
        Assert.Equal((HttpStatusCode.OK, """{"name":"p","source":"/q"}""", "\"2\""), (changed.Status, changed.Body, changed.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.Status);
        Assert.Equal(HttpStatusCode.BadRequest, garbled.Status);
        var last = Parsed(history.Body).GetProperty("items")[0];
        Assert.Equal("""{"name":"p","source":"/p"}""", last.GetProperty("before").GetRawText());
        Assert.Equal("2 replaced key", $"{last.GetProperty("version")} {last.GetProperty("change")} {last.GetProperty("by")}");
        Assert.Equal(2, Parsed(older.Body).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(service, HttpMethod.Get, "/p/history?continuation=x")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, HttpMethod.Get, "/nobody/history")).Status);
    }

    [Fact]
    public async Task A_wrong_definition_is_refused_with_everything_that_is_wrong()
    {
        await using var service = await StartAsync();

        var wrong = await SendAsync(service, HttpMethod.Put, "/p", """{ "name": "q", "source": "", "data": { "baseUrl": "x", "secret": "y" } }""");
        var name = await SendAsync(service, HttpMethod.Put, "/Not%20a%20name", "{}");
        var text = await service.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, "/api/producers/p") { Content = new StringContent("{}"), Headers = { { "x-admin-key", Key } } }, Stop);
        await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/p" }""");
        var taken = await SendAsync(service, HttpMethod.Put, "/q", """{ "source": "/p" }""");
        var missing = await SendAsync(service, HttpMethod.Get, "/q");

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["#/name", "#/source", "#/data/baseUrl", "#/data/secret"], Pointers(wrong.Body));
        Assert.Equal(HttpStatusCode.BadRequest, name.Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, taken.Status);
        Assert.Equal(["#/source"], Pointers(taken.Body));
        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
    }

    [Fact]
    public async Task Producers_of_the_settings_are_shown_and_not_changed()
    {
        await using var service = await StartAsync(("Producers:7:name", "fixed"), ("Producers:7:source", "/fixed"));

        var read = await SendAsync(service, HttpMethod.Get, "/fixed");
        var put = await SendAsync(service, HttpMethod.Put, "/fixed", """{ "source": "/other" }""");
        var delete = await SendAsync(service, HttpMethod.Delete, "/fixed", null, ("If-Match", "*"));
        var source = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/fixed" }""");

        Assert.Equal((HttpStatusCode.OK, """{"name":"fixed","source":"/fixed"}"""), (read.Status, read.Body));
        Assert.Null(read.Headers.ETag);
        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], [put.Status, delete.Status, source.Status]);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var service = await StartAsync();
        foreach (var name in new[] { "c", "a", "b" })
        {
            await SendAsync(service, HttpMethod.Put, "/" + name, $$"""{ "source": "/{{name}}" }""");
        }

        var names = new List<string>();
        var continuation = "";
        do
        {
            var page = Parsed((await SendAsync(service, HttpMethod.Get, "?limit=2" + continuation)).Body);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            continuation = page.TryGetProperty("continuation", out var next) ? "&continuation=" + next.GetString() : "";
        }
        while (continuation.Length > 0);

        // The first is the one that the service of the tests has in its settings.
        Assert.Equal(["a", "b", "c"], names.Where(name => name.Length == 1));
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(service, HttpMethod.Get, "?continuation=%21")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(service, HttpMethod.Get, "?offset=2")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the-administration-key-of-this-hosT")]
    [InlineData("the-administration-key-of-this-host-and-more")]
    public async Task Only_the_administration_key_opens_the_registry(string key)
    {
        await using var service = await StartAsync();

        var refused = await Task.WhenAll(
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", key)),
            SendAsync(service, HttpMethod.Get, "/p", null, ("x-admin-key", key)),
            SendAsync(service, HttpMethod.Get, "/p/history", null, ("x-admin-key", key)),
            SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/p" }""", ("x-admin-key", key)),
            SendAsync(service, HttpMethod.Delete, "/p", null, ("x-admin-key", key)),
            // Nobody may say that he is somebody, where the platform does not.
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", key), ("x-ms-client-principal-id", Administrator), ("x-ms-client-principal-idp", "aad")));

        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, HttpMethod.Get, "/p")).Status);
    }

    [Fact]
    public async Task Administrators_of_the_list_come_in_where_the_platform_says_who_they_are()
    {
        await using var service = await StartAsync(("Administration:Administrators:0", Administrator.ToUpperInvariant()), ("WEBSITE_AUTH_ENABLED", "True"));

        var administrator = await SendAsync(service, HttpMethod.Put, "/p", """{ "source": "/p" }""", ("x-admin-key", ""), ("x-ms-client-principal", Claims(Administrator)));
        var byId = await SendAsync(
            service, HttpMethod.Get, "/p", null, ("x-admin-key", ""), ("x-ms-client-principal-id", Administrator), ("x-ms-client-principal-idp", "aad"));
        var others = await Task.WhenAll(
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", ""), ("x-ms-client-principal", Claims(Stranger))),
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", ""), ("x-ms-client-principal", Claims(Administrator, "github"))),
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", ""), ("x-ms-client-principal", "{}")),
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", ""), ("x-ms-client-principal-id", Administrator), ("x-ms-client-principal-idp", "google")),
            SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", "")));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK], [administrator.Status, byId.Status]);
        Assert.All(others, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
        Assert.Equal(
            "entra:" + Administrator,
            Parsed((await SendAsync(service, HttpMethod.Get, "/p/history")).Body).GetProperty("items")[0].GetProperty("by").GetString());
    }

    [Theory]
    [InlineData("True", Administrator, HttpStatusCode.Accepted)]
    [InlineData("True", Stranger, HttpStatusCode.Forbidden)]
    [InlineData("True", null, HttpStatusCode.Forbidden)]
    [InlineData("False", Administrator, HttpStatusCode.Forbidden)]
    [InlineData("", Administrator, HttpStatusCode.Forbidden)]
    public async Task Only_its_callers_post_events_of_a_producer_that_names_some(string enabled, string? caller, HttpStatusCode expected)
    {
        await using var service = await StartAsync(("WEBSITE_AUTH_ENABLED", enabled));
        await SendAsync(service, HttpMethod.Put, "/p", $$"""{ "source": "/p", "callers": ["{{Administrator}}"] }""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events")
        {
            Content = new StringContent("""[{"specversion":"1.0","id":"1","source":"/p","type":"t","data":{}}]""", new MediaTypeHeaderValue("application/cloudevents-batch+json")),
        };
        if (caller is not null)
        {
            request.Headers.Add("x-ms-client-principal", Claims(caller));
        }

        using var response = await service.Client.SendAsync(request, Stop);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
        {
            Assert.Equal(["#/0/source"], Pointers(await response.Content.ReadAsStringAsync(Stop)));
        }
    }

    [Fact]
    public async Task A_host_makes_an_administration_key_and_keeps_it()
    {
        await using var service = await Service.StartAsync();
        var key = await File.ReadAllTextAsync(Path.Combine(service.Host.DataPath, "administration.key"), Stop);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, HttpMethod.Get, "", null, ("x-admin-key", key.Trim()))).Status);
    }
}
