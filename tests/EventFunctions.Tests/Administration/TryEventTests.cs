using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Messages.Senders;

namespace EventFunctions.Tests.Administration;

public sealed class TryEventTests
{
    private const string Key = "the-administration-key-of-this-host";

    private const string Definition = """
        {
          "source": "/p",
          "data": { "baseUrl": "https://policies.example.com/", "template": "policies/{subject}?event={id}" },
          "types": {
            "renewed": {
              "entity": ["/policy/number"],
              "schema": { "type": "object", "required": ["policy"], "properties": { "premium": { "type": "number" } } },
              "publish": [ { "operatorType": "StringNotIn", "key": "data.user", "values": ["probe"] } ],
              "enrich": [ { "operatorType": "NumberGreaterThan", "key": "data.premium", "value": 100 } ]
            },
            "issued": {}
          }
        }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<(HttpStatusCode Status, string Body)> TryAsync(Service service, string json, string type = "application/json", string name = "p", string key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/producers/{name}/try") { Content = new StringContent(json, new MediaTypeHeaderValue(type)) };
        request.Headers.Add("x-admin-key", key);
        using var response = await service.Client.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<Service> StartAsync(string definition = Definition, params (string Name, string Value)[] settings)
    {
        var service = await Service.StartAsync(settings: [("Administration:Key", Key), .. settings]);
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/producers/p") { Content = new StringContent(definition, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-key", Key);
        using var response = await service.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return service;
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_happen_and_stores_nothing()
    {
        await using var service = await StartAsync();

        var (status, body) = await TryAsync(
            service, """{"id":"1","source":"/p","type":"renewed","subject":"a/b","data":{"policy":{"number":"4711"},"premium":120}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var answer = JsonElement.Parse(body);
        Assert.True(answer.GetProperty("accepted").GetBoolean());
        Assert.Equal("4711", answer.GetProperty("entity").GetProperty("subject").GetString());
        Assert.Equal("""{"passes":true}""", answer.GetProperty("published").GetRawText());
        Assert.Equal("""{"passes":true}""", answer.GetProperty("enriched").GetRawText());
        Assert.Equal("https://policies.example.com/policies/a%2Fb?event=1", answer.GetProperty("data").GetProperty("url").GetString());
        Assert.Empty(await service.ListAsync());
    }

    private const string Mapped = """
        {
          "source": "/p",
          "messages": { "id": { "pointer": "/Key" }, "type": { "header": "X-Kind", "prefix": "policy.", "unsigned": true }, "subject": { "pointer": "/Policy" }, "remove": ["/Api_Key"] },
          "verification": { "kind": "hmac", "header": "X-Signature", "secrets": ["PARTNER"] },
          "types": { "policy.renewed": {} }
        }
        """;

    [Theory]
    [InlineData("""{"Key":"1","Policy":"4711","Api_Key":"s3cret"}""", "renewed", true, true, null)]
    [InlineData("""{"Key":"1","Policy":"4711","Api_Key":"s3cret"}""", "renewed", false, false, null)]
    [InlineData("""{"Key":"1","Policy":"4711"}""", "surrendered", true, false, "#")]
    [InlineData("""{"Policy":"4711"}""", "renewed", true, false, "#/Key")]
    [InlineData("""{"Key":"1"}""", null, true, false, "X-Kind")]
    public async Task A_dry_run_of_a_message_tells_which_event_it_means_and_what_is_wrong_with_it(string body, string? kind, bool signed, bool accepted, string? wrong)
    {
        await using var service = await StartAsync(Mapped, ("ProducerSecrets:PARTNER", "sh4red-by-both-sides"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/producers/p/try-message") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-key", Key);
        request.Headers.Add("X-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(signed ? "sh4red-by-both-sides"u8 : "other"u8, Encoding.UTF8.GetBytes(body))));
        if (kind is not null)
        {
            request.Headers.Add("X-Kind", kind);
        }

        using var response = await service.Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = JsonElement.Parse(text);
        Assert.Equal((signed, accepted), (answer.GetProperty("verified").GetBoolean(), answer.GetProperty("accepted").GetBoolean()));
        Assert.Equal(!signed, answer.TryGetProperty("notVerified", out _));
        Assert.Equal(wrong, answer.TryGetProperty("errors", out var errors)
            ? (errors[0].TryGetProperty("pointer", out var pointer) ? pointer : errors[0].GetProperty("parameter")).GetString()
            : null);
        if (accepted)
        {
            Assert.Equal(("policy.renewed", "4711"), (answer.GetProperty("event").GetProperty("type").GetString(), answer.GetProperty("event").GetProperty("subject").GetString()));
        }

        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sh4red-by-both-sides", text, StringComparison.Ordinal);
        Assert.Empty(await service.ListAsync());
    }

    [Fact]
    public async Task A_dry_run_knows_presets_and_compares_with_the_recorded_event()
    {
        const string Secret = "a-secret-of-16-b";
        const string Preset = """{ "source": "/p", "preset": "vercel", "verification": { "secrets": ["PARTNER"] } }""";
        await using var service = await StartAsync(Preset, ("ProducerSecrets:PARTNER", Secret));
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync("events", """{"id":"1","type":"deployment.created","attempt":1}""")).Status);

        var (status, answer) = await SendAsync("try-message", """{"id":"1","type":"deployment.created","attempt":2}""");

        Assert.Equal((HttpStatusCode.OK, true), (status, answer.GetProperty("verified").GetBoolean()));
        Assert.Equal("com.vercel.deployment.created", answer.GetProperty("event").GetProperty("type").GetString());
        var warnings = answer.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ToList();
        Assert.StartsWith("/attempt looks like", warnings[0], StringComparison.Ordinal);
        Assert.EndsWith("messages.remove: /attempt.", warnings[1], StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/producers/p/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("x-admin-key", Key);
            request.Headers.Add("x-vercel-signature", SenderSigning.Hex(SenderSigning.Sha1(Secret, body)));
            using var response = await service.Client.SendAsync(request, Stop);
            return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop)));
        }
    }

    [Fact]
    public async Task A_producer_without_messages_has_none_to_try()
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/producers/p/try-message") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-key", Key);

        using var response = await service.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"policy":{"number":"4711"},"user":"probe","premium":120}""", false, "publish[0] StringNotIn data.user", false, "publish[0] StringNotIn data.user")]
    [InlineData("""{"policy":{"number":"4711"},"premium":99}""", true, null, false, "enrich[0] NumberGreaterThan data.premium")]
    public async Task A_dry_run_names_the_rule_that_keeps_an_event(string data, bool published, string? publishRule, bool enriched, string? enrichRule)
    {
        await using var service = await StartAsync();

        var answer = JsonElement.Parse((await TryAsync(service, $$"""{"id":"1","source":"/p","type":"renewed","data":{{data}}}""")).Body);

        Assert.Equal((published, publishRule), Rule("published"));
        Assert.Equal((enriched, enrichRule), Rule("enriched"));
        Assert.False(answer.TryGetProperty("data", out _));

        (bool, string?) Rule(string name) =>
            (answer.GetProperty(name).GetProperty("passes").GetBoolean(), answer.GetProperty(name).TryGetProperty("rule", out var rule) ? rule.GetString() : null);
    }

    [Fact]
    public async Task An_event_without_data_of_a_producer_without_a_place_for_it_is_refused_at_once()
    {
        await using var service = await StartAsync("""{"source":"/p","types":{"t":{},"thin":{"enrich":[{"operatorType":"IsNotNull","key":"dataref"}]}}}""");

        var (_, whole) = await TryAsync(service, """{"id":"1","source":"/p","type":"t","data":{}}""");
        var (_, empty) = await TryAsync(service, """{"id":"1","source":"/p","type":"t"}""");
        var (_, thin) = await TryAsync(service, """{"id":"1","source":"/p","type":"thin"}""");
        using var posted = await service.Client.PostAsync("/api/events", Service.Structured("""{"specversion":"1.0","id":"1","source":"/p","type":"t"}"""), TestContext.Current.CancellationToken);

        Assert.True(JsonElement.Parse(whole).GetProperty("data").GetProperty("own").GetBoolean());
        Assert.Equal(["#/data"], Pointers(JsonElement.Parse(empty)));
        Assert.True(JsonElement.Parse(thin).GetProperty("accepted").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
        Assert.Contains("has no data.template. Send data, or add", await posted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_that_a_dataref_can_never_be_fetched()
    {
        await using var service = await StartAsync("""{"source":"/p"}""");

        var (_, body) = await TryAsync(service, """{"id":"1","source":"/p","type":"t","data":{},"dataref":"https://policies.example.com/1"}""");

        Assert.Equal(["#/dataref"], Pointers(JsonElement.Parse(body)));
    }

    [Fact]
    public async Task A_dry_run_of_a_batch_tells_what_is_wrong_with_each_event()
    {
        await using var service = await StartAsync();

        var (_, body) = await TryAsync(
            service,
            """
            [ {"specversion":"1.0","id":"1","source":"/q","type":"renewed","data":{"premium":"much"}},
              {"specversion":"1.0","id":"2","source":"/p","type":"cancelled"},
              {"specversion":"1.0","id":"3","source":"/p","type":"issued"},
              {"specversion":"1.0","id":"4","source":"/p","type":"issued","subject":"4711"} ]
            """,
            "application/cloudevents-batch+json");

        var items = JsonElement.Parse(body).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([false, false, false, true], items.Select(item => item.GetProperty("accepted").GetBoolean()));
        Assert.Contains("#/0/source", Pointers(items[0]));
        Assert.Contains("#/0/data/premium", Pointers(items[0]));
        Assert.Equal(["#/1/type", "#/1/subject"], Pointers(items[1]));
        Assert.Equal(["#/2/subject"], Pointers(items[2]));
        Assert.Empty(await service.ListAsync());
    }

    [Fact]
    public async Task A_dry_run_of_what_is_no_event_tells_its_errors()
    {
        await using var service = await StartAsync();

        var (status, body) = await TryAsync(service, """{"source":"/p","type":"x.enriched"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(JsonElement.Parse(body).GetProperty("accepted").GetBoolean());
        Assert.Equal(["#/id", "#/type"], Pointers(JsonElement.Parse(body)).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await TryAsync(service, "x", "text/plain")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await TryAsync(service, "{}", name: "nobody")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await TryAsync(service, "{}", key: "")).Status);
    }

    private static IEnumerable<string> Pointers(JsonElement item) =>
        item.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()!);
}
