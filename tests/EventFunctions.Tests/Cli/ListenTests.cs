using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventFunctions.Cli;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Cli;

public sealed class ListenTests
{
    private const string Event = """{"specversion":"1.0","id":"42:enriched","source":"/s","type":"thing.changed.enriched","subject":"4\u001b2","data":{"n":1.50}}""";

    private static readonly WebhookSecret Secret = WebhookSecret.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliveries_are_verified_shown_and_their_repeats_recognised_and_what_is_forged_is_refused()
    {
        var other = WebhookSecret.Create();
        await using var listening = await Listening.StartAsync("--secret", other.Text, "--secret", Secret.Text, "--count", "3");

        Assert.Equal(HttpStatusCode.NoContent, await listening.PostAsync("msg_1", Event, Secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await listening.PostAsync("msg_2", Event, Secret, sent: Event.Replace("42", "43", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, await listening.PostAsync("msg_3", Event, WebhookSecret.Create()));
        Assert.Equal(HttpStatusCode.Unauthorized, await listening.PostAsync("msg_4", Event, Secret, age: TimeSpan.FromMinutes(6)));
        Assert.Equal(HttpStatusCode.BadRequest, await listening.PostAsync("", Event, Secret));
        Assert.Equal(HttpStatusCode.NoContent, await listening.PostAsync("msg_1", Event, other));
        Assert.Equal(HttpStatusCode.NoContent, await listening.PostAsync("msg_5", "no\u001bJSON", Secret));

        var run = await listening.EndAsync();
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(3, run.Lines.Length);
        Assert.Matches(@"^\S+Z +verified +msg_1 +thing\.changed\.enriched +42:enriched +4\\u001B2$", run.Lines[0]);
        Assert.Matches(@"^\S+Z +repeated +msg_1 ", run.Lines[1]);
        Assert.Matches(@"^\S+Z +verified +msg_5$", run.Lines[2]);
        Assert.Contains("Refused msg_2: no signature", run.Error, StringComparison.Ordinal);
        Assert.Contains("Refused msg_4: its webhook-timestamp", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_the_event_as_it_was_delivered()
    {
        await using var listening = await Listening.StartAsync("--secret", Secret.Text, "--json");

        await listening.PostAsync("msg_1", Event, Secret);
        await listening.PostAsync("msg_2", "text", Secret);

        var run = await listening.EndAsync();
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(Event, run.Json[0].GetProperty("event").GetRawText());
        Assert.Equal(("msg_2", "text"), (run.Json[1].GetProperty("webhookId").GetString(), run.Json[1].GetProperty("body").GetString()));
    }

    [Fact]
    public async Task Only_posts_of_some_size_are_taken()
    {
        await using var listening = await Listening.StartAsync("--secret", Secret.Text);

        using var get = await listening.Client.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await listening.PostAsync("msg_1", new string('x', 5_000_000), Secret));
    }

    [Theory]
    [InlineData("--secret", "whsec_short")]
    [InlineData("--secret", "something-else-that-is-secret")]
    [InlineData]
    public async Task Without_a_secret_nothing_is_listened_for(params string[] args)
    {
        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["listen", "--port", "0", .. args], Cancellation);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.DoesNotContain(args.LastOrDefault() ?? "Receiving", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_not_for_everybody_is_said_so_in_one_line()
    {
        const string first = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        Assert.SkipWhen(
            Environment.IsPrivilegedProcess || !File.Exists(first) || int.Parse(await File.ReadAllTextAsync(first, Cancellation), CultureInfo.InvariantCulture) < 2,
            "Every port is for this process.");

        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["listen", "--port", "1", "--secret", Secret.Text], Cancellation);

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("Failed to listen on port 1: ", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["listen", "--port", $"{port}", "--secret", Secret.Text], Cancellation);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains($"{port}", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }
}
