using System.Text;
using System.Text.Json;
using EventFunctions.Storage;
using EventFunctions.Tests.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Webhooks;

public sealed class WebhookAuthTests
{
    private const string Secret = "s3cret+/ä";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string? Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    [Fact]
    public async Task A_bearer_token_and_basic_authentication_come_beside_the_signature()
    {
        await using var server = await StubServer.StartAsync(Status(204));
        var client = Client(("TOKEN", "abc.def"), ("PASSWORD", Secret));

        await client.SendAsync(Posting.Request(server.Url) with { Auth = new() { Kind = WebhookAuthKind.Bearer, Secret = "TOKEN" } }, Stop);
        await client.SendAsync(Posting.Request(server.Url) with { Auth = new() { Kind = WebhookAuthKind.Basic, Secret = "PASSWORD", User = "events" } }, Stop);
        await client.SendAsync(Posting.Request(server.Url), Stop);

        Assert.Equal(
            ["Bearer abc.def", Basic("events:" + Secret), null],
            server.Requests.Select(request => request.Headers.GetValueOrDefault("Authorization")));
        Assert.All(server.Requests, request => Assert.Equal("v1,b25l v1,dHdv", request.Headers["webhook-signature"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nX-Admin: 1")]
    public async Task Without_a_usable_secret_nothing_is_posted(string? secret)
    {
        await using var server = await StubServer.StartAsync(Status(204));

        var answer = await Client(("TOKEN", secret)).SendAsync(
            Posting.Request(server.Url) with { Auth = new() { Kind = WebhookAuthKind.Bearer, Secret = "TOKEN" } }, Stop);

        Assert.Equal((null, WebhookFault.MissingSecret, false), (answer.Status, answer.Fault, answer.IsDelivered));
        Assert.Contains("WebhookSecrets:TOKEN", answer.Head, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_token_is_asked_for_once_and_again_shortly_before_it_expires()
    {
        await using var issuer = await IssuerAsync(expiresIn: "3600");
        await using var server = await StubServer.StartAsync(Status(204));
        var client = Client(("CLIENT", Secret));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.SendAsync(Request(server, issuer), Stop)));
        _time.Advance(TimeSpan.FromMinutes(58));
        await client.SendAsync(Request(server, issuer), Stop);
        Assert.Single(issuer.Requests);
        _time.Advance(TimeSpan.FromMinutes(1));
        await client.SendAsync(Request(server, issuer), Stop);

        Assert.Equal(2, issuer.Requests.Count);
        Assert.Equal([.. Enumerable.Repeat("Bearer token-1", 9), "Bearer token-2"], server.Requests.Select(request => request.Headers["Authorization"]));
        var asked = issuer.Requests.First();
        Assert.Equal(("POST", "/token", "grant_type=client_credentials&scope=events.write"), (asked.Method, asked.Target, Encoding.UTF8.GetString(asked.Body)));
        Assert.Equal(Basic("an+id%3A:s3cret%2B%2F%C3%A4"), asked.Headers["Authorization"]);
    }

    [Fact]
    public async Task A_kept_token_that_is_refused_is_replaced_once()
    {
        await using var issuer = await IssuerAsync();
        await using var server = await StubServer.StartAsync(Status(204));
        var client = Client(("CLIENT", Secret));
        await client.SendAsync(Request(server, issuer), Stop);
        server.Answer = context => Status(context.Request.Headers.Authorization == "Bearer token-1" ? 401 : 204)(context);

        var revoked = await client.SendAsync(Request(server, issuer), Stop);
        server.Answer = Status(401);
        var refused = await client.SendAsync(Request(server, issuer), Stop);

        Assert.Equal((204, 401), (revoked.Status, refused.Status));
        Assert.Equal(3, issuer.Requests.Count);
        Assert.Equal(5, server.Requests.Count);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"s3cret is wrong"}""", "The token endpoint answered 401 (invalid_client).")]
    [InlineData(400, """{"error":"s3cret IS WRONG"}""", "The token endpoint answered 400.")]
    [InlineData(302, "", "The token endpoint answered 302.")]
    [InlineData(500, "s3cret", "The token endpoint answered 500.")]
    [InlineData(200, "{}", "The token endpoint returned no bearer token.")]
    [InlineData(200, """{"access_token":"a\r\nX: b","token_type":"Bearer"}""", "The token endpoint returned no bearer token.")]
    [InlineData(200, """{"access_token":"a","token_type":"mac"}""", "The token endpoint returned no bearer token.")]
    [InlineData(200, "[", "The token endpoint returned no bearer token.")]
    public async Task Without_a_token_nothing_is_posted_and_the_reason_holds_no_secret(int status, string body, string reason)
    {
        await using var issuer = await StubServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            await context.Response.WriteAsync(body);
        });
        await using var server = await StubServer.StartAsync(Status(204));

        var answer = await Client(("CLIENT", Secret)).SendAsync(Request(server, issuer), Stop);

        Assert.Equal((null, WebhookFault.Token, reason), (answer.Status, answer.Fault, answer.Head));
        Assert.Empty(server.Requests);
        Assert.Single(issuer.Requests);
    }

    [Fact]
    public async Task A_token_endpoint_is_held_to_the_address_rules_and_to_the_time_limit()
    {
        await using var slow = await StubServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var server = await StubServer.StartAsync(Status(204));
        var client = Client(("CLIENT", Secret));

        var hidden = await client.SendAsync(Request(server, new Uri("https://169.254.169.254/token")), Stop);
        var late = await client.SendAsync(Request(server, slow.Url) with { Timeout = TimeSpan.FromMilliseconds(300) }, Stop);

        Assert.Equal((WebhookFault.Token, "The token endpoint could not be reached (refusedAddress)."), (hidden.Fault, hidden.Head));
        Assert.Equal((WebhookFault.Token, "The token endpoint did not respond in time."), (late.Fault, late.Head));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void What_is_written_and_shown_names_secrets_and_reads_back()
    {
        var webhook = new Webhook
        {
            Name = "crm",
            Url = new Uri("https://crm.example.com/"),
            Auth = Oauth2(new Uri("https://login.example.com/token")),
            Secrets = new WebhookSecrets(WebhookSecret.Create()),
        };
        var document = WebhookDocuments.Write(new RegisteredWebhook(webhook, "stamp"));
        using var shown = new MemoryStream();
        using (var writer = new Utf8JsonWriter(shown))
        {
            WebhookJson.Write(writer, webhook, _time.GetUtcNow());
        }

        var read = WebhookDocuments.Read(new StoredDocument(document.Partition, document.Id, document.Body, "1")).Webhook;

        Assert.Equal(webhook.Auth, read.Auth);
        Assert.False(WebhookDocuments.AreEqual(webhook, webhook with { Auth = null }));
        using var json = JsonDocument.Parse(shown.ToArray());
        Assert.Equal(
            """{"kind":"oauth2","secret":"CLIENT","tokenUrl":"https://login.example.com/token","clientId":"an id:","scope":"events.write"}""",
            json.RootElement.GetProperty("auth").GetRawText());
    }

    private static WebhookAuth Oauth2(Uri tokenUrl) =>
        new() { Kind = WebhookAuthKind.Oauth2, Secret = "CLIENT", ClientId = "an id:", TokenUrl = tokenUrl, Scope = "events.write" };

    private static WebhookRequest Request(StubServer server, StubServer issuer) => Request(server, new Uri(issuer.Url, "token"));

    private static WebhookRequest Request(StubServer server, Uri tokenUrl) => Posting.Request(server.Url) with { Auth = Oauth2(tokenUrl) };

    private static async Task<StubServer> IssuerAsync(string expiresIn = "\"600\"")
    {
        var issued = 0;
        return await StubServer.StartAsync(context =>
            context.Response.WriteAsync($$"""{"access_token":"token-{{Interlocked.Increment(ref issued)}}","token_type":"bearer","expires_in":{{expiresIn}}}"""));
    }

    private IWebhookClient Client(params (string Name, string? Value)[] secrets) => Posting.Client(
        new ConfigurationBuilder().AddInMemoryCollection(secrets.Select(secret => KeyValuePair.Create("WebhookSecrets:" + secret.Name, secret.Value))).Build(),
        _time,
        "127.0.0.0/8");
}
