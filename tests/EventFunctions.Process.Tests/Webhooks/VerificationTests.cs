using System.Text;
using EventFunctions.Tests.Http;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

/// <summary>What we post is verified by others.</summary>
public sealed class VerificationTests
{
    private static async Task<SignedMessage> PostAsync(WebhookSecrets secrets, DateTimeOffset at)
    {
        await using var server = await StubServer.StartAsync();
        var body = """{"specversion":"1.0","id":"é","data":{"premium":512.40}}"""u8.ToArray();
        var answer = await Posting.Client("127.0.0.0/8").SendAsync(
            Posting.Request(server.Url) with { Id = "msg_42", Timestamp = at, Body = body, Signatures = secrets.Sign("msg_42", at, body) },
            TestContext.Current.CancellationToken);
        Assert.True(answer.IsDelivered);
        var received = Assert.Single(server.Requests);
        return new SignedMessage(secrets.Current.Text, new Dictionary<string, string>(received.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value)), received.Body);
    }

    [Fact]
    public async Task The_library_of_the_specification_verifies_what_is_posted_and_refuses_what_is_not()
    {
        await StandardWebhooksLibrary.InstallAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (old, current) = (WebhookSecret.Create(), WebhookSecret.Create());
        var during = await PostAsync(new WebhookSecrets(current, old, now.AddHours(1)), now);
        var after = await PostAsync(new WebhookSecrets(current, old, now.AddSeconds(-1)), now);
        var late = await PostAsync(new WebhookSecrets(current), now.AddHours(-1));
        var early = await PostAsync(new WebhookSecrets(current), now.AddHours(1));

        var results = await StandardWebhooksLibrary.VerifyAsync(
            during,
            during with { Secret = old.Text },
            after,
            after with { Secret = old.Text },
            during with { Secret = WebhookSecret.Create().Text },
            during with { Body = [.. during.Body[..^2], (byte)' ', .. during.Body[^2..]] },
            during with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(during.Body).Replace("512.40", "512.4", StringComparison.Ordinal)) },
            during.With("webhook-id", "msg_43"),
            during.With("webhook-timestamp", StandardWebhookSignature.TextOf(now.AddSeconds(1))),
            during.With("webhook-signature", "v1," + Convert.ToBase64String(new byte[32])),
            late,
            early);

        const string Verified = """verified {"specversion":"1.0","id":"é","data":{"premium":512.4}}""";
        const string NoMatch = "No matching signature found";
        Assert.Equal(
            [
                Verified, Verified, Verified, NoMatch, NoMatch, NoMatch, NoMatch, NoMatch, NoMatch, NoMatch,
                "Message timestamp too old", "Message timestamp too new",
            ],
            results);
    }
}
