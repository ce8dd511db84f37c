using System.Net;
using static EventFunctions.Tests.Messages.Senders.SenderSigning;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>Challenges are answered as each sender asks, and never recorded.</summary>
public sealed class ChallengeTests(SenderService shared) : IClassFixture<SenderService>
{
    private MessageService Service => shared.Service;

    [Theory]
    [InlineData("slack", """{"token":"T","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}""", 200, "text/plain; charset=utf-8", "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")]
    [InlineData("twitch", """{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{"id":"f1c2a387","status":"webhook_callback_verification_pending","type":"channel.follow"}}""", 200, "text/plain; charset=utf-8", "pogchamp-kappa-360noscope-vohiyo")]
    [InlineData("discord", """{"version":1,"application_id":"1234560123453231555","type":0}""", 204, null, "")]
    [InlineData("xero", """{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}""", 200, "application/json", "[]")]
    public async Task A_signed_challenge_is_answered_and_an_unsigned_one_is_not(string preset, string body, int status, string? type, string text)
    {
        var headers = SenderSamples.All.Single(sample => sample.Preset == preset).Sign(body, Service.Clock.GetUtcNow());

        var answer = await Service.PostAsync(preset, body, headers);
        var forged = await Service.PostAsync(preset, body + " ", headers);

        Assert.Equal((status, type, text), ((int)answer.Status, answer.ContentType, answer.Text));
        Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        Assert.Equal(0, await Service.CountAsync());
    }

    // https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint
    [Fact]
    public async Task Zooms_plain_token_comes_back_with_its_HMAC()
    {
        const string body = """{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}""";
        var sample = SenderSamples.All.Single(sample => sample.Preset == "zoom");

        var answer = await Service.PostAsync("zoom", body, sample.Sign(body, Service.Clock.GetUtcNow()));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("qgg8vlvZRS6UYooatFL8Aw", answer.Json.GetProperty("plainToken").GetString());
        Assert.Equal(Hex(Sha256(sample.Secret, "qgg8vlvZRS6UYooatFL8Aw")), answer.Json.GetProperty("encryptedToken").GetString());
    }

    [Theory]
    [InlineData("meta/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-token-of-16-bytes-at-least", "1158201444")]
    [InlineData("meta/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-token-of-16-bytes-at-most", null)]
    [InlineData("meta/events?hub.mode=subscribe&hub.challenge=1158201444", null)]
    [InlineData("meta/events?hub.verify_token=a-token-of-16-bytes-at-least", null)]
    [InlineData("stripe/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-token-of-16-bytes-at-least", null)]
    [InlineData("nobody/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-token-of-16-bytes-at-least", null)]
    [InlineData("microsoft-graph/events?validationToken=abc", null)]
    public async Task Metas_challenge_is_answered_for_the_right_token_only(string path, string? challenge)
    {
        var answer = await Service.GetAsync(path);

        Assert.Equal(challenge is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, answer.Status);
        Assert.Equal(challenge ?? "application/problem+json", challenge is null ? answer.ContentType : answer.Text);
    }

    // https://developers.intercom.com/docs/webhooks/setting-up-webhooks
    [Theory]
    [InlineData("intercom/events")]
    [InlineData("nobody/events")]
    public async Task Whether_the_URL_can_be_reached_is_answered_alike_for_every_name(string path) =>
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, "Post messages to this URL."), (await Service.HeadAsync(path), (await Service.GetAsync(path)).Status, (await Service.GetAsync(path)).Text));

    // https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks#notificationurl-validation
    [Fact]
    public async Task Microsoft_Graphs_validation_token_is_repeated_as_text()
    {
        var answer = await Service.PostToAsync("microsoft-graph/events?validationToken=Validation%3a%20%3Cb%3ETesting", "", ("Content-Type", "text/plain"));

        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8", "Validation: <b>Testing"), (answer.Status, answer.ContentType, answer.Text));
    }
}
