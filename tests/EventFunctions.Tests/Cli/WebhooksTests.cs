using System.Text.Json;
using EventFunctions.Cli;

namespace EventFunctions.Tests.Cli;

public sealed class WebhooksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_made_tested_by_a_listening_tool_rotated_and_deleted()
    {
        await using var service = await ToolRun.ServiceAsync(("Webhooks:AllowedNetworks:0", "127.0.0.0/8"), ("WebhookSecrets:CRM_TOKEN", "s3cret"));

        var made = await PutAsync("http://127.0.0.1:9/", "--create");
        var again = await PutAsync("http://127.0.0.1:9/other");
        var first = made.Json.Single().GetProperty("secret").GetString()!;
        var away = await RunAsync("test", "crm");
        var rotated = await RunAsync("rotate", "crm", "--overlap", "01:00:00", "--json");
        var second = rotated.Json.Single().GetProperty("secret").GetString()!;
        var early = await RunAsync("rotate", "crm");

        await using var listening = await Listening.StartAsync("--secret", first, "--secret", second, "--count", "2", "--json");
        var moved = await PutAsync(listening.Client.BaseAddress!.AbsoluteUri, "--force");
        var delivered = await RunAsync("test", "crm");
        var ended = await RunAsync("end-previous-secret", "crm", "--json");
        var json = await RunAsync("test", "crm", "--json");
        var received = await listening.EndAsync();

        Assert.Equal((ExitCode.Ok, ExitCode.Conflict), (made.ExitCode, again.ExitCode));
        Assert.Equal(ExitCode.Failed, away.ExitCode);
        Assert.Matches("^failed +connection ", away.Output);
        Assert.NotEqual(first, second);
        Assert.Equal((ExitCode.Ok, ExitCode.Conflict), (rotated.ExitCode, early.ExitCode));
        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (moved.ExitCode, delivered.ExitCode));
        Assert.Matches(@"^delivered +204 +\d+ ms$", delivered.Output.Trim());
        Assert.False(ended.Json.Single().TryGetProperty("previousSecretUntil", out _));
        Assert.Equal(json.Json.Single().GetProperty("webhookId").GetString(), received.Json[1].GetProperty("webhookId").GetString());
        Assert.All(received.Json, delivery => Assert.Equal("eventfunctions.webhook.test", delivery.GetProperty("event").GetProperty("type").GetString()));

        var disabled = await ToolRun.RunAsync(service, """{"url":"http://127.0.0.1:9/","enabled":false,"auth":{"kind":"bearer","secret":"CRM_TOKEN"}}""", "webhooks", "put", "crm", "-", "--force");
        var listed = await RunAsync("list");
        var enabled = await RunAsync("enable", "crm");
        var read = await RunAsync("get", "crm", "--json");
        var state = await RunAsync("state", "crm", "--json");
        var deleted = await RunAsync("delete", "crm", "--force");
        var gone = await RunAsync("test", "crm");
        var stateless = await RunAsync("state", "crm");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (disabled.ExitCode, enabled.ExitCode));
        Assert.Matches(@"^crm +operator +http://127\.0\.0\.1:9/ +enriched +50 +4 +bearer$", listed.Lines[1].Trim());
        Assert.True(read.Json.Single().GetProperty("enabled").GetBoolean());
        Assert.StartsWith("ETag: ", read.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, "", JsonValueKind.Object), (state.ExitCode, state.Error, state.Json.Single().ValueKind));
        Assert.DoesNotContain("whsec_", listed.Output + read.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", listed.Output + read.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, ExitCode.NotFound, ExitCode.NotFound), (deleted.ExitCode, gone.ExitCode, stateless.ExitCode));

        Task<ToolRun> PutAsync(string url, params string[] options) =>
            ToolRun.RunAsync(service, $$"""{ "url": "{{url}}" }""", ["webhooks", "put", "crm", "-", "--json", .. options]);

        Task<ToolRun> RunAsync(params string[] args) => ToolRun.AsAdministratorAsync(service, ["webhooks", .. args]);
    }
}
