using System.Text;
using EventFunctions.Cli;

namespace EventFunctions.Tests.Cli;

public sealed class DeliveriesTests
{
    private const string Delivery =
        """{"id":"msg_1","webhook":"crm","status":"failed","reason":"exhausted","eventId":"42","source":"/s","type":"t.enriched","run":0,"enriched":true,"createdAt":"2026-11-24T08:00:00.000Z","attempted":1,"attempts":[{"at":"2026-11-24T08:00:01.000Z","durationMs":34,"status":503,"answer":"try again"}]}""";

    private static readonly string Page = $$"""{"items":[{{Delivery}}]}""";

    [Fact]
    public async Task Deliveries_of_a_webhook_and_of_an_event_are_listed()
    {
        var ofWebhook = await RunAsync([Page], "deliveries", "crm", "--status", "failed", "--from", "2026-11-24T08:00:00Z");
        var ofEvent = await RunAsync([Page], "deliveries", "--event", "a/b", "--source", "/s", "--json");
        var one = await RunAsync([Delivery], "delivery", "crm", "msg_1");

        Assert.Equal(["GET /api/webhooks/crm/deliveries?status=failed&from=2026-11-24T08%3A00%3A00Z "], ofWebhook.Sent);
        Assert.Matches(@"^2026-11-24T08:00:00\.000Z +failed +crm +msg_1 +t\.enriched +42 +1 +503$", ofWebhook.Run.Lines[1].TrimEnd());
        Assert.Equal(["GET /api/events/~YS9i/deliveries?source=%2Fs "], ofEvent.Sent);
        Assert.Equal(Delivery, ofEvent.Run.Output.Trim());
        Assert.Equal(["GET /api/webhooks/crm/deliveries/msg_1 "], one.Sent);
        Assert.Matches(@"^2026-11-24T08:00:01\.000Z +503 +34 +try again$", one.Run.Lines[^1].TrimEnd());
    }

    [Fact]
    public async Task A_delivery_is_sent_again_and_so_is_all_that_failed()
    {
        var one = await RunAsync([Delivery], "resend", "crm", "msg_1", "--json");
        var all = await RunAsync(["""{"resent":1000,"more":true}""", """{"resent":7,"more":false}"""], "resend", "crm", "--since", "2026-11-24T08:00:00Z");
        var endless = await RunAsync(["""{"resent":0,"more":true}"""], "resend", "crm", "--since", "2026-11-24T08:00:00Z");

        Assert.Equal(["POST /api/webhooks/crm/deliveries/msg_1/resend "], one.Sent);
        Assert.Equal(Delivery, one.Run.Output.Trim());
        Assert.Equal(Enumerable.Repeat("""POST /api/webhooks/crm/resend {"since":"2026-11-24T08:00:00Z"}""", 2), all.Sent);
        Assert.Equal("1007 sent again", all.Run.Output.Trim());
        Assert.Single(endless.Sent);
    }

    [Fact]
    public async Task What_a_webhook_has_missed_is_delivered_as_a_job_that_is_followed()
    {
        var (run, sent) = await RunAsync(
            ["""{"id":"j1","action":"deliver","state":"waiting"}""", """{"id":"j1","action":"deliver","state":"completed","matched":3,"started":3,"skipped":0,"failed":0}"""],
            "replay", "crm", "--since", "2026-11-24T08:00:00Z", "--until", "2026-11-24T09:00:00Z", "--rate", "100");

        Assert.Equal(
            ["""POST /api/webhooks/crm/replay {"since":"2026-11-24T08:00:00Z","until":"2026-11-24T09:00:00Z","rate":100}""", "GET /api/replays/j1 "], sent);
        Assert.Equal((ExitCode.Ok, "deliver job j1: completed, 3 matched, 3 started, 0 skipped, 0 failed"), (run.ExitCode, run.Output.Trim()));
    }

    [Theory]
    [InlineData("deliveries")]
    [InlineData("deliveries", "crm", "--event", "42", "--source", "/s")]
    [InlineData("deliveries", "--event", "42")]
    [InlineData("resend", "crm")]
    [InlineData("resend", "crm", "msg_1", "--since", "2026-11-24T08:00:00Z")]
    [InlineData("replay", "crm")]
    public async Task What_names_no_deliveries_is_a_usage_error(params string[] args)
    {
        var (run, sent) = await RunAsync([], args);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Empty(sent);
    }

    private static async Task<(ToolRun Run, List<string> Sent)> RunAsync(string[] answers, params string[] args)
    {
        var sent = new List<string>();
        var network = new Answers(request =>
        {
            using var body = new MemoryStream();
            request.Content?.CopyTo(body, null, CancellationToken.None);
            sent.Add($"{request.Method} {request.RequestUri!.PathAndQuery} {Encoding.UTF8.GetString(body.ToArray())}");
            return new HttpResponseMessage { Content = new StringContent(answers[sent.Count - 1], null, "application/json") };
        });
        var run = await ToolRun.RunAsync(
            ToolRun.At(new Uri("http://127.0.0.1:7071")) with { Network = _ => network }, null, ["webhooks", .. args], TestContext.Current.CancellationToken);
        return (run, sent);
    }
}
