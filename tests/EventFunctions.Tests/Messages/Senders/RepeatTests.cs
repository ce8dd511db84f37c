using System.Net;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Tests.Intake;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>What a sender repeats is a repeat, and what an attacker makes of a captured message is refused.</summary>
public sealed class RepeatTests(SenderService shared) : IClassFixture<SenderService>
{
    private MessageService Service => shared.Service;

    [Fact]
    public async Task The_same_signature_under_another_ID_or_type_is_refused_as_a_replay()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "github");
        var body = sample.Body.Replace("opened", "closed", StringComparison.Ordinal);
        var headers = sample.Sign(body, Service.Clock.GetUtcNow());
        var before = (await EventsAsync(sample)).Count;

        Assert.Equal(HttpStatusCode.Accepted, (await Service.PostAsync("github", body, headers)).Status);
        var otherId = await Service.PostAsync("github", body, [headers[0], headers[1], ("X-GitHub-Delivery", "11111111-cc78-11e3-81ab-4c9367dc0958")]);
        var otherType = await Service.PostAsync("github", body, [headers[0], ("X-GitHub-Event", "push"), headers[2]]);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (otherId.Status, otherType.Status));
        Assert.Contains("replay", otherId.Text, StringComparison.Ordinal);
        Assert.Equal(before + 1, (await EventsAsync(sample)).Count);
    }

    [Fact]
    public async Task Fields_that_are_cut_otherwise_under_the_same_signature_are_no_other_event()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "twilio");
        var headers = sample.Sign(sample.Body, Service.Clock.GetUtcNow());
        var cut = sample.Body.Replace("AccountSid=AC123", "AccountSidAC=123", StringComparison.Ordinal);
        await Service.PostAsync("twilio", sample.Body, headers);

        Assert.Equal(HttpStatusCode.Conflict, (await Service.PostAsync("twilio", cut, headers)).Status);
        Assert.Single(await EventsAsync(sample));
    }

    [Fact]
    public async Task A_form_that_holds_the_JSON_is_read_like_the_JSON()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "github");
        var form = "payload=" + Uri.EscapeDataString(sample.Body.Replace("opened", "reopened", StringComparison.Ordinal));
        var headers = sample.Sign(form, Service.Clock.GetUtcNow());
        var json = sample.Body.Replace("opened", "reopened", StringComparison.Ordinal);

        var answer = await Service.PostAsync("github", form, [.. headers, ("Content-Type", "application/x-www-form-urlencoded")]);
        var again = await Service.PostAsync("github", json, [.. sample.Sign(json, Service.Clock.GetUtcNow()), ("Content-Type", "text/plain; charset=utf8")]);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.True(again.Json.GetProperty("duplicate").GetBoolean(), again.Text);
    }

    [Theory]
    [InlineData("hubspot", "\"attemptNumber\":0", "\"attemptNumber\":1")]
    [InlineData("stripe", "\"pending_webhooks\":1", "\"pending_webhooks\":2")]
    [InlineData("intercom", "\"delivery_attempts\":1,\"delivered_at\":0", "\"delivery_attempts\":2,\"delivered_at\":1718895200")]
    [InlineData("linear", "\"webhookTimestamp\":1000000000000", "\"webhookTimestamp\":1000000000001")]
    public async Task An_attempt_that_differs_only_in_what_counts_attempts_is_a_repeat(string preset, string first, string second)
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == preset);
        var now = Service.Clock.GetUtcNow();
        Assert.Contains(first, sample.Body, StringComparison.Ordinal);

        var answer = await PostAsync(sample.Body);
        var again = await PostAsync(sample.Body.Replace(first, second, StringComparison.Ordinal));

        Assert.Equal((answer.Status, true), (again.Status, (again.Json.ValueKind == JsonValueKind.Array ? again.Json[0] : again.Json).GetProperty("duplicate").GetBoolean()));
        Assert.Equal(sample.Events, (await EventsAsync(sample)).Count);

        async Task<Answer> PostAsync(string body)
        {
            var sent = body.Replace(SenderSamples.Now[..^1], SenderSigning.Milliseconds(now)[..^1], StringComparison.Ordinal);
            return await Service.PostAsync(preset, sent, sample.Sign(sent, now));
        }
    }

    // Xero writes no time zone, so its time cannot be an event's.
    [Fact]
    public async Task An_attribute_that_cannot_be_used_is_named_in_the_timeline()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "xero");
        await Service.PostAsync("xero", sample.Body, sample.Sign(sample.Body, Service.Clock.GetUtcNow()));

        var record = (await EventsAsync(sample)).Find(record => record.Event.Subject == "717f2bfc")!;

        Assert.Null(record.Event.Time);
        Assert.StartsWith("message: left out time (Must be an RFC 3339 time", record.Timeline[0].Detail, StringComparison.Ordinal);
    }

    private async Task<List<EventRecord>> EventsAsync(SenderSample sample) =>
        [.. (await Service.ListAsync()).Where(record => record.Producer == sample.Preset)];
}
