using System.Net;
using System.Text;
using EventFunctions.Http;
using EventFunctions.Http.Webhooks;
using EventFunctions.Schemas;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

public sealed class WebhookReaderTests
{
    private static (WebhookDefinition? Definition, IReadOnlyList<string> Errors) Read(string json, params string[] allowed)
    {
        var addresses = new WebhookAddresses(new AddressRules(allowed.Select(network => IPNetwork.Parse(network))));
        var definition = new WebhookReader(addresses, new JsonSchemas()).Read(Encoding.UTF8.GetBytes(json), "crm", out var errors);
        return (definition, [.. errors.Select(error => error.Pointer)]);
    }

    private static (WebhookDefinition? Definition, IReadOnlyList<string> Errors) ReadUrl(string url, params string[] allowed) =>
        Read($$"""{ "url": "{{url}}" }""", allowed);

    [Fact]
    public void A_definition_says_as_much_as_it_likes()
    {
        var (least, _) = Read("""{ "url": "https://crm.example.com/events?tenant=7" }""");
        var (most, errors) = Read("""
            {
              "name": "crm", "url": "https://crm.example.com:8443/", "events": "both", "enabled": false, "maxPerSecond": 1000, "maxConcurrent": 32,
              "timeout": "00:00:01", "filters": [{ "operatorType": "NumberGreaterThan", "key": "data.premium", "value": 100.50 }]
            }
            """);

        Assert.Equal(new WebhookDefinition("crm", new Uri("https://crm.example.com/events?tenant=7")), least);
        Assert.Empty(errors);
        Assert.Equal((WebhookEvents.Both, false, 1_000, 32, TimeSpan.FromSeconds(1)), (most!.Events, most.Enabled, most.MaxPerSecond, most.MaxConcurrent, most.Timeout));
        Assert.Single(most.Filters.Filters);
    }

    [Theory]
    [InlineData("Accept", "Accept-Encoding", "Authorization", "Connection", "Cookie", "Date", "Expect", "Forwarded", "Host", "Keep-Alive", "Origin")]
    [InlineData("Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "Via", "traceparent", "TraceState")]
    [InlineData("content-x", "Webhook-x", "x-forwarded-x", "ce-x", "sec-x", "proxy-x")]
    public void A_header_that_the_service_or_the_connection_sets_itself_is_refused(params string[] names)
    {
        var (_, errors) = Read($$"""{ "url": "https://crm.example.com/", "headers": { {{string.Join(", ", names.Select(name => $"\"{name}\": \"x\""))}} } }""");

        Assert.Equal(names.Select(name => "#/headers/" + name).Order(), errors.Order());
    }

    [Theory]
    [InlineData("\"url\": \"https://user:password@crm.example.com/\"", "#/url", "A webhook's URL must not contain a user name or password. Use auth.")]
    [InlineData("\"url\": \"https://crm.example.com/\", \"secret\": \"short\"", "#/secret", "Must be \"whsec_\" and 24 to 64 random bytes in base64. Leave it out to get one from the service.")]
    [InlineData("\"url\": \"https://crm.example.com/\", \"retry\": 7", "#/retry", "Must be \"default\" or \"long\" or \"short\", or an array of at most 20 delays.")]
    public void An_error_says_what_to_write_instead(string members, string pointer, string detail)
    {
        new WebhookReader(new WebhookAddresses(new AddressRules([])), new JsonSchemas()).Read(Encoding.UTF8.GetBytes($"{{ {members} }}"), "crm", out var errors);

        Assert.Equal((pointer, detail), (Assert.Single(errors).Pointer, errors[0].Detail));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var (definition, errors) = Read("""
            {
              "name": "erp", "url": "ftp://crm.example.com/", "events": "all", "enabled": "no", "maxPerSecond": 0, "maxConcurrent": 33, "timeout": "00:00:31",
              "filters": [{ "operatorType": "Like", "key": "type", "values": ["x"] }], "secret": "whsec_mine", "disabledAt": "now",
              "contentType": "text/plain", "retry": "never",
              "headers": { "Host": "x", "webhook-id": "x", "x y": "x", "X-A": "1", "x-a": "2", "X-Line": "a\r\nb", "X-Number": 7 }
            }
            """);

        Assert.Null(definition);
        Assert.Equal(
            [
                "#/contentType", "#/enabled", "#/events", "#/filters/0/operatorType", "#/headers/Host", "#/headers/X-Line", "#/headers/X-Number",
                "#/headers/webhook-id", "#/headers/x%20y", "#/headers/x-a", "#/maxConcurrent", "#/maxPerSecond", "#/name", "#/retry", "#/secret",
                "#/timeout", "#/url",
            ],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_definition_says_what_deliveries_look_like()
    {
        var (definition, errors) = Read("""
            {
              "url": "https://crm.example.com/", "contentType": "application/json", "headers": { "X-Tenant": "7" },
              "retry": ["00:00:10", "1.00:00:00"], "secret": "whsec_YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="
            }
            """);

        Assert.Empty(errors);
        Assert.Equal((WebhookContentType.Json, "7"), (definition!.ContentType, definition.Headers["x-tenant"]));
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromDays(1)], definition.Retry.Delays);
        Assert.Equal("whsec_YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE=", definition.Secret!.Text);
    }

    [Theory]
    [InlineData("\"default\"", 7)]
    [InlineData("\"short\"", 4)]
    [InlineData("\"long\"", 9)]
    [InlineData("[]", 0)]
    [InlineData("[\"5.00:00:00\"]", 1)]
    [InlineData("[\"2.12:00:00\", \"2.12:00:00\"]", 2)]
    [InlineData("[\"24:00:00\", \"96:00:00\"]", 2)]
    [InlineData("[\"2.12:00:00\", \"2.12:00:01\"]", null)]
    [InlineData("[\"00:00:00.5\", \"00:00:05\", \"121:00:00\"]", null, "#/retry/0", "#/retry/2")]
    [InlineData("[\"-00:00:05\"]", null, "#/retry/0")]
    [InlineData("[5]", null, "#/retry/0")]
    [InlineData("[\"5\"]", null, "#/retry/0")]
    [InlineData("[\"24\", \"24:00\", \"24:60:00\"]", null, "#/retry/0", "#/retry/1", "#/retry/2")]
    [InlineData("null", null)]
    public void Retries_are_a_preset_or_delays_of_at_most_five_days_together(string retry, int? count, params string[] places)
    {
        var (definition, errors) = Read($$"""{ "url": "https://crm.example.com/", "retry": {{retry}} }""");

        Assert.Equal(count, definition?.Retry.Delays.Length);
        Assert.Equal(count is not null ? [] : places is [] ? ["#/retry"] : places, errors);
        Assert.True(definition is null || definition.Retry.Delays.Sum(delay => delay.TotalDays) <= 5);
    }

    [Theory]
    [InlineData("https://müller.example/Events?a=1", "https://xn--mller-kva.example/Events?a=1")]
    [InlineData("https://事件.example:8443", "https://xn--3kqzj.example:8443/")]
    [InlineData("https://crm.example/straße", null)]
    [InlineData("https://a\u202eb.example/", null)]
    public void International_host_names_are_taken_in_ASCII(string url, string? expected) =>
        Assert.Equal(expected, ReadUrl(url).Definition?.Url.AbsoluteUri);

    [Theory]
    [InlineData("""{ "kind": "bearer", "secret": "CRM_TOKEN" }""")]
    [InlineData("""{ "kind": "basic", "secret": "CRM_PASSWORD", "user": "events" }""")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "tokenUrl": "https://login.example.com/token", "clientId": "events" }""")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "tokenUrl": "https://login.example.com/token", "clientId": "events", "scope": "a b" }""")]
    public void A_definition_may_ask_for_authentication(string auth)
    {
        var (definition, errors) = Read($$"""{ "url": "https://crm.example.com/", "auth": {{auth}} }""");

        Assert.Empty(errors);
        using var json = System.Text.Json.JsonDocument.Parse(auth);
        Assert.Equal(json.RootElement.GetProperty("secret").GetString(), definition!.Auth!.Secret);
        Assert.Equal(json.RootElement.GetProperty("kind").GetString(), definition.Auth.Kind.ToString(), ignoreCase: true);
    }

    [Theory]
    [InlineData("""{}""", "#/auth/kind")]
    [InlineData("""{ "kind": "digest", "secret": "CRM" }""", "#/auth/kind")]
    [InlineData("""{ "kind": "bearer" }""", "#/auth/secret")]
    [InlineData("""{ "kind": "bearer", "secret": "not a name" }""", "#/auth/secret")]
    [InlineData("""{ "kind": "bearer", "secret": "CRM", "user": "events" }""", "#/auth/user")]
    [InlineData("""{ "kind": "bearer", "secret": "CRM", "token": "abc" }""", "#/auth/token")]
    [InlineData("""{ "kind": "basic", "secret": "CRM" }""", "#/auth/user")]
    [InlineData("""{ "kind": "basic", "secret": "CRM", "user": "a:b" }""", "#/auth/user")]
    [InlineData("""{ "kind": "basic", "secret": "CRM", "user": "a", "scope": "b" }""", "#/auth/scope")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "tokenUrl": "https://login.example.com/token" }""", "#/auth/clientId")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "clientId": "events" }""", "#/auth/tokenUrl")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "clientId": "events", "tokenUrl": "http://login.example.com/token" }""", "#/auth/tokenUrl")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "clientId": "events", "tokenUrl": "https://10.0.0.1/token" }""", "#/auth/tokenUrl")]
    [InlineData("""{ "kind": "oauth2", "secret": "CRM", "clientId": "events", "tokenUrl": "https://u:p@login.example.com/" }""", "#/auth/tokenUrl")]
    public void Authentication_that_cannot_work_is_refused_at_its_place(string auth, string pointer) =>
        Assert.Equal([pointer], Read($$"""{ "url": "https://crm.example.com/", "auth": {{auth}} }""").Errors);

    [Fact]
    public void Secrets_are_sent_over_https_only()
    {
        const string Auth = """{ "kind": "bearer", "secret": "CRM" }""";

        Assert.Equal(["#/auth"], Read($$"""{ "url": "http://10.1.2.3/", "auth": {{Auth}} }""", "10.0.0.0/8").Errors);
        Assert.Empty(Read($$"""{ "url": "http://127.0.0.1:8080/", "auth": {{Auth}} }""", "127.0.0.0/8").Errors);
    }

    [Theory]
    [InlineData("{}", "#/url")]
    [InlineData("[]", "#")]
    [InlineData("no", "#")]
    [InlineData("""{ "url": "https://a.example/", "url": "https://b.example/" }""", "#/url")]
    public void What_is_no_definition_is_refused(string json, string pointer) => Assert.Equal([pointer], Read(json).Errors);

    [Fact]
    public void A_definition_of_any_size_is_not_read() =>
        Assert.Equal(["#"], ReadUrl("https://crm.example.com/" + new string('a', WebhookReader.MaxBytes)).Errors);

    [Theory]
    [InlineData("https://user@crm.example.com/")]
    [InlineData("https://user:password@crm.example.com/")]
    [InlineData("https://crm.example.com:0/")]
    [InlineData("https://crm.example.com/#events")]
    [InlineData("https://crm.example.com/#")]
    [InlineData("https:crm.example.com")]
    [InlineData("https:///events")]
    [InlineData("/events")]
    [InlineData("https://crm.example.com/a b")]
    [InlineData("https:\\\\crm.example.com")]
    [InlineData("https://%31%32%37.0.0.1/")]
    [InlineData("https://１２７.0.0.1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://crm.example.com/")]
    public void A_URL_that_is_none_to_post_to_is_refused(string url) =>
        Assert.Equal(["#/url"], ReadUrl(url.Replace("\\", "\\\\", StringComparison.Ordinal)).Errors);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("017700000001")]
    [InlineData("127.0.0.1.")]
    [InlineData("0")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("2852039166")]
    [InlineData("0xa9fea9fe")]
    [InlineData("168.63.129.16")]
    [InlineData("100.64.0.1")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::127.0.0.1]")]
    [InlineData("[64:ff9b::a9fe:a9fe]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[2002:a00:1::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[fe80::1]")]
    public void An_address_that_is_not_public_is_refused_in_every_spelling(string host)
    {
        Assert.Equal(["#/url"], ReadUrl($"https://{host}/").Errors);
        Assert.Equal(["#/url"], ReadUrl($"http://{host}:8080/").Errors);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/", "127.0.0.0/8", true)]
    [InlineData("http://2130706433:8080/", "127.0.0.0/8", true)]
    [InlineData("https://127.0.0.1/", "127.0.0.0/8", true)]
    [InlineData("http://localhost:8080/", "127.0.0.0/8", true)]
    [InlineData("http://[::ffff:127.0.0.1]/", "127.0.0.0/8", true)]
    [InlineData("http://8.8.8.8/", "127.0.0.0/8", false)]
    [InlineData("http://8.8.8.8/", "8.8.8.0/24", true)]
    [InlineData("https://8.8.8.8/", "127.0.0.0/8", true)]
    [InlineData("https://10.0.0.1/", "127.0.0.0/8", false)]
    [InlineData("http://[64:ff9b::127.0.0.1]/", "127.0.0.0/8", false)]
    [InlineData("https://[2606:4700:4700::1111]/", "127.0.0.0/8", true)]
    public void Http_and_private_addresses_are_for_networks_that_the_setting_names(string url, string network, bool allowed) =>
        Assert.Equal(allowed, ReadUrl(url, network).Definition is not null);

    [Theory]
    [InlineData("", "24:00:00")]
    [InlineData("{}", "24:00:00")]
    [InlineData("""{ "overlap": "24:00:00" }""", "24:00:00")]
    [InlineData("""{ "overlap": "1.00:00:00" }""", "24:00:00")]
    [InlineData("""{ "overlap": "168:00:00" }""", "168:00:00")]
    [InlineData("""{ "overlap": "00:00:00" }""", "00:00:00")]
    [InlineData("""{ "overlap": "36:30:15" }""", "36:30:15")]
    [InlineData("""{ "overlap": "168:00:01" }""", null)]
    [InlineData("""{ "overlap": "-00:00:01" }""", null)]
    [InlineData("""{ "overlap": "24:60:00" }""", null)]
    [InlineData("""{ "overlap": "a day" }""", null)]
    [InlineData("""{ "overlap": 24 }""", null)]
    public void A_rotation_says_for_how_long_both_secrets_hold(string json, string? expected)
    {
        var reader = new WebhookReader(new WebhookAddresses(new AddressRules([])), new JsonSchemas());

        var overlap = reader.ReadRotation(Encoding.UTF8.GetBytes(json), out var errors)?.Overlap;

        Assert.Equal(expected, overlap is { } time ? $"{(int)time.TotalHours:d2}:{time.Minutes:d2}:{time.Seconds:d2}" : null);
        Assert.Equal(expected is null ? ["#/overlap"] : [], errors.Select(error => error.Pointer));
    }
}
