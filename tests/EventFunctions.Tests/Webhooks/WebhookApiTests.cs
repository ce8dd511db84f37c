using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Http;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

public sealed class WebhookApiTests
{
    private const string Key = "the-administration-key-of-this-host";
    private const string Crm = """{ "url": "https://crm.example.com/" }""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<Service> StartAsync() =>
        Service.StartAsync(settings: [("Administration:Key", Key), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8")]);

    private static async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)> SendAsync(
        Service service, string method, string path, string? json = null, string? ifMatch = null, string? key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), "/api/webhooks" + path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("x-admin-key", key);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await service.Client.SendAsync(request, Stop);
        var body = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, body.Length == 0 ? default : JsonElement.Parse(body), response.Headers);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(property => property.Name);

    [Fact]
    public async Task A_webhook_is_registered_read_changed_and_deleted()
    {
        await using var service = await StartAsync();

        var created = await SendAsync(service, "PUT", "/crm", Crm);
        var read = await SendAsync(service, "GET", "/crm");
        var same = await SendAsync(service, "PUT", "/crm", Crm);
        var blind = await SendAsync(service, "PUT", "/crm", """{ "url": "https://other.example.com/" }""");
        var changed = await SendAsync(
            service, "PUT", "/crm", read.Body.GetRawText().Replace("\"enriched\"", "\"thin\"", StringComparison.Ordinal), read.Headers.ETag!.ToString());
        var late = await SendAsync(service, "DELETE", "/crm", null, read.Headers.ETag.ToString());
        var deleted = await SendAsync(service, "DELETE", "/crm", null, "*");

        Assert.Equal((HttpStatusCode.Created, "/api/webhooks/crm"), (created.Status, created.Headers.Location!.OriginalString));
        Assert.True(WebhookSecret.TryParse(Text(created.Body, "secret"), out _));
        Assert.Equal(
            """{"name":"crm","url":"https://crm.example.com/","events":"enriched","contentType":"application/cloudevents+json","retry":"default","enabled":true,"maxPerSecond":50,"maxConcurrent":4,"timeout":"00:00:10"}""",
            read.Body.GetRawText());
        Assert.Equal((HttpStatusCode.OK, created.Headers.ETag), (same.Status, same.Headers.ETag));
        Assert.DoesNotContain("secret", Names(same.Body));
        Assert.Equal((HttpStatusCode.PreconditionRequired, created.Headers.ETag), (blind.Status, blind.Headers.ETag));
        Assert.Equal((HttpStatusCode.OK, "thin"), (changed.Status, Text(changed.Body, "events")));
        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.NoContent), (late.Status, deleted.Status));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "GET", "/crm")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "DELETE", "/crm")).Status);
    }

    [Fact]
    public async Task A_secret_whose_setting_is_unset_is_refused_with_the_settings_name()
    {
        await using var service = await Service.StartAsync(settings: [("Administration:Key", Key), ("WebhookSecrets:SET", "a token")]);

        var refused = await SendAsync(service, "PUT", "/crm", """{ "url": "https://crm.example.com/", "auth": { "kind": "bearer", "secret": "UNSET" }, "colour": 1 }""");
        var accepted = await SendAsync(service, "PUT", "/crm", """{ "url": "https://crm.example.com/", "auth": { "kind": "bearer", "secret": "SET" } }""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (refused.Status, accepted.Status));
        var errors = refused.Body.GetProperty("errors");
        var error = errors[0];
        Assert.Equal((2, "#/colour"), (errors.GetArrayLength(), Text(errors[1], "pointer")));
        Assert.Equal(("#/auth/secret", "The setting WebhookSecrets:UNSET is not set. Set it first."), (Text(error, "pointer"), Text(error, "detail")));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_with_its_place()
    {
        await using var service = await StartAsync();

        var wrong = await SendAsync(service, "PUT", "/crm", """{ "url": "https://2130706434@x/", "maxPerSecond": 5000, "colour": "red" }""");
        var address = await SendAsync(service, "PUT", "/crm", """{ "url": "https://0xa9fea9fe/latest" }""");
        var name = await SendAsync(service, "PUT", "/Crm", Crm);
        var overlap = await SendAsync(service, "POST", "/crm/secret", """{ "overlap": "for ever" }""");

        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(["#/url", "#/maxPerSecond", "#/colour"], wrong.Body.GetProperty("errors").EnumerateArray().Select(error => Text(error, "pointer")));
        Assert.Contains("Webhooks:AllowedNetworks", Text(address.Body.GetProperty("errors")[0], "detail"), StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest], [address.Status, name.Status, overlap.Status]);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "GET", "/crm")).Status);
    }

    [Fact]
    public async Task A_secret_is_told_once_and_changed_over_in_a_window()
    {
        await using var service = await StartAsync();
        var first = Text((await SendAsync(service, "PUT", "/crm", Crm)).Body, "secret");

        var rotated = await SendAsync(service, "POST", "/crm/secret", """{ "overlap": "24:00:00" }""");
        var again = await SendAsync(service, "POST", "/crm/secret");
        var read = await SendAsync(service, "GET", "/crm");
        var stale = await SendAsync(service, "DELETE", "/crm/previous-secret", null, "\"no\"");
        var ended = await SendAsync(service, "DELETE", "/crm/previous-secret");
        var leaked = await SendAsync(service, "POST", "/crm/secret", """{ "overlap": "00:00:00" }""");
        var after = await SendAsync(service, "GET", "/crm");
        var list = await SendAsync(service, "GET", "");

        Assert.Equal(HttpStatusCode.OK, rotated.Status);
        Assert.Equal(3, new[] { first, Text(rotated.Body, "secret"), Text(leaked.Body, "secret") }.Distinct().Count());
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal(Text(rotated.Body, "previousSecretUntil"), Text(read.Body, "previousSecretUntil"));
        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.OK), (stale.Status, ended.Status));
        Assert.All([ended.Body, after.Body], body => Assert.DoesNotContain("previousSecretUntil", Names(body)));
        Assert.All([read.Body, after.Body, ended.Body, list.Body], body => Assert.DoesNotContain("whsec_", body.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_is_disabled_and_enabled()
    {
        await using var service = await StartAsync();
        await SendAsync(service, "PUT", "/crm", Crm);

        var disabled = await SendAsync(service, "PUT", "/crm", """{ "url": "https://crm.example.com/", "enabled": false }""", "*");
        var enabled = await SendAsync(service, "POST", "/crm/enable");

        Assert.Equal((false, "operator"), (disabled.Body.GetProperty("enabled").GetBoolean(), Text(disabled.Body, "disabledReason")));
        Assert.True(enabled.Body.GetProperty("enabled").GetBoolean());
        Assert.DoesNotContain("disabledAt", Names(enabled.Body));
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var service = await StartAsync();
        foreach (var name in new[] { "c", "a", "b" })
        {
            await SendAsync(service, "PUT", "/" + name, Crm);
        }

        var first = await SendAsync(service, "GET", "?limit=2");
        var second = await SendAsync(service, "GET", "?limit=2&continuation=" + Text(first.Body, "continuation"));

        Assert.Equal(["a", "b"], first.Body.GetProperty("items").EnumerateArray().Select(item => Text(item, "name")));
        Assert.Equal(["c"], second.Body.GetProperty("items").EnumerateArray().Select(item => Text(item, "name")));
        Assert.DoesNotContain("continuation", Names(second.Body));
    }

    [Fact]
    public async Task A_test_event_comes_signed_and_what_becomes_of_it_is_told()
    {
        await using var service = await StartAsync();
        await using var endpoint = await StubServer.StartAsync(Fetching.Body("thanks"u8.ToArray()));
        await using var leading = await StubServer.StartAsync(Fetching.Redirect(302, endpoint.Url.ToString()));
        var created = await SendAsync(service, "PUT", "/crm", $$"""{ "url": "{{endpoint.Url}}", "enabled": false }""");
        await SendAsync(service, "PUT", "/moved", $$"""{ "url": "{{leading.Url}}" }""");
        await SendAsync(service, "PUT", "/inside", """{ "url": "https://localhost.:1/" }""");

        var delivered = await SendAsync(service, "POST", "/crm/test");
        var moved = await SendAsync(service, "POST", "/moved/test");
        var inside = await SendAsync(service, "POST", "/inside/test");

        var received = Assert.Single(endpoint.Requests);
        Assert.True(WebhookSecret.TryParse(Text(created.Body, "secret"), out var secret));
        Assert.Equal(SignatureVerdict.Valid, StandardWebhookSignature.Verify(
            [secret], received.Headers["webhook-id"], received.Headers["webhook-timestamp"], received.Headers["webhook-signature"], received.Body, TimeProvider.System.GetUtcNow()));
        Assert.Equal((true, 200, "thanks", received.Headers["webhook-id"]),
            (delivered.Body.GetProperty("delivered").GetBoolean(), delivered.Body.GetProperty("status").GetInt32(), Text(delivered.Body, "head"), Text(delivered.Body, "webhookId")));
        var sent = JsonElement.Parse(received.Body);
        Assert.Equal(("eventfunctions.webhook.test", "crm"), (Text(sent, "type"), Text(sent.GetProperty("data"), "webhook")));
        Assert.Equal((false, 302, "redirect"), (moved.Body.GetProperty("delivered").GetBoolean(), moved.Body.GetProperty("status").GetInt32(), Text(moved.Body, "fault")));
        Assert.False(inside.Body.GetProperty("delivered").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(service, "POST", "/nobody/test")).Status);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/crm")]
    [InlineData("PUT", "/crm")]
    [InlineData("DELETE", "/crm")]
    [InlineData("POST", "/crm/secret")]
    [InlineData("DELETE", "/crm/previous-secret")]
    [InlineData("POST", "/crm/enable")]
    [InlineData("POST", "/crm/test")]
    public async Task Only_administrators_have_to_do_with_webhooks(string method, string path)
    {
        await using var service = await StartAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(service, method, path, method == "PUT" ? Crm : null, key: "wrong")).Status);
    }
}
