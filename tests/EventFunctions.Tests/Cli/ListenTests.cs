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
        Assert.Contains("Refused: the signature matches no secret that was given. webhook-id: msg_2", run.Error, StringComparison.Ordinal);
        Assert.Contains("Refused: the webhook-timestamp is more than 5 minutes off. webhook-id: msg_4", run.Error, StringComparison.Ordinal);
        Assert.Contains("Refused: a webhook- header is missing or malformed. webhook-id: none", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_signatures_are_counted_and_not_logged_one_by_one()
    {
        await using var listening = await Listening.StartAsync("--secret", Secret.Text);
        for (var i = 1; i <= 20; i++)
        {
            await listening.PostAsync($"msg_{i}", Event, WebhookSecret.Create());
        }

        var run = await listening.EndAsync();

        Assert.Equal(
            [
                "Refused: the signature matches no secret that was given. webhook-id: msg_1",
                "Refused 20 times in the last minute: the signature matches no secret that was given. Latest: webhook-id: msg_20",
            ],
            run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1..]);
    }

    [Fact]
    public async Task A_verified_delivery_is_forwarded_with_its_headers_and_body_and_answered_with_the_response()
    {
        var other = WebhookSecret.Create();
        await using var endpoint = await Listening.StartAsync("--secret", Secret.Text, "--json");
        await using var listening = await Listening.StartAsync(
            ToolRun.At(new Uri("http://127.0.0.1:1")) with { Network = network => network },
            "--secret", Secret.Text, "--secret", other.Text, "--json", "--forward-to", endpoint.Client.BaseAddress + "hook");

        var forged = await listening.PostAsync("msg_0", Event, WebhookSecret.Create());
        var accepted = await listening.PostAsync("msg_1", Event, Secret);
        var refused = await listening.PostAsync("msg_2", Event, other);
        var forwarded = await endpoint.EndAsync();
        var unreachable = await listening.PostAsync("msg_3", Event, Secret);

        var run = await listening.EndAsync();
        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.NoContent, HttpStatusCode.Unauthorized, HttpStatusCode.BadGateway],
            [forged, accepted, refused, unreachable]);
        Assert.Equal("msg_1", forwarded.Json.Single().GetProperty("webhookId").GetString());
        Assert.Equal(Event, forwarded.Json.Single().GetProperty("event").GetRawText());
        Assert.Equal([204, 401], run.Json[..2].Select(line => line.GetProperty("forwardStatus").GetInt32()));
        Assert.Contains("refused", run.Json[2].GetProperty("forwardFailure").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_person_sees_the_status_that_the_endpoint_responded_with()
    {
        await using var endpoint = await Listening.StartAsync("--secret", Secret.Text);
        await using var listening = await Listening.StartAsync(
            ToolRun.At(new Uri("http://127.0.0.1:1")) with { Network = network => network }, "--secret", Secret.Text, "--forward-to", endpoint.Client.BaseAddress!.AbsoluteUri);

        await listening.PostAsync("msg_1", Event, Secret);

        Assert.Matches(@"^\S+Z +verified +204 +msg_1 +thing\.changed\.enriched ", (await listening.EndAsync()).Output);
    }

    [Fact]
    public async Task It_registers_itself_and_unregisters_at_its_end()
    {
        await using var service = await ToolRun.ServiceAsync(("Webhooks:AllowedNetworks:0", "127.0.0.0/8"));
        await using var listening = await Listening.StartAsync(ToolRun.At(service.Host.Address), "--register");
        var listed = await ToolRun.AsAdministratorAsync(service, "webhooks", "list", "--json");
        var name = listed.Json.Single().GetProperty("name").GetString()!;

        var test = await ToolRun.AsAdministratorAsync(service, "webhooks", "test", name);
        var run = await listening.EndAsync();
        var left = await ToolRun.AsAdministratorAsync(service, "webhooks", "list", "--json");

        Assert.Equal(ExitCode.Ok, test.ExitCode);
        Assert.Matches(@"^\S+Z +verified +\S+ +eventfunctions\.webhook\.test ", run.Output);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Matches($"^Registered webhook {name} for enriched events\\.\\s+Receiving at .*\\s+Unregistered webhook {name}\\.\\s+$", run.Error);
        Assert.DoesNotContain("whsec_", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Empty(left.Lines);
    }

    [Fact]
    public async Task It_ends_without_listening_if_it_cannot_register()
    {
        await using var service = await ToolRun.ServiceAsync();

        var forbidden = await RunAsync(ToolRun.At(service.Host.Address, key: null), "--register");
        var remote = await RunAsync(ToolRun.At(new Uri("https://events.example.com")), "--register");
        var both = await RunAsync(ToolRun.At(service.Host.Address), "--register", "--secret", Secret.Text);
        var url = await RunAsync(ToolRun.At(service.Host.Address), "--secret", Secret.Text, "--forward-to", "localhost:3000");

        Assert.Equal((ExitCode.Unauthorized, ExitCode.Usage, ExitCode.Usage, ExitCode.Usage), (forbidden.ExitCode, remote.ExitCode, both.ExitCode, url.ExitCode));
        Assert.StartsWith("--register needs a service on this machine: https://events.example.com/ cannot reach 127.0.0.1 here.", remote.Error, StringComparison.Ordinal);
        Assert.StartsWith("--register gets a secret from the service: leave out --secret.", both.Error, StringComparison.Ordinal);
        Assert.StartsWith("--forward-to must be an http or https URL", url.Error, StringComparison.Ordinal);
        Assert.All([forbidden, remote, both, url], run => Assert.DoesNotContain("Receiving", run.Error, StringComparison.Ordinal));

        static Task<ToolRun> RunAsync(ToolContext context, params string[] args) => ToolRun.RunAsync(context, null, ["listen", "--port", "0", .. args], Cancellation);
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
