using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

public sealed class ProducerKeysTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_made_used_rotated_listed_revoked_and_removed()
    {
        await using var service = await ToolRun.ServiceAsync();

        var none = await KeysAsync("list", "stub");
        var made = await KeysAsync("make", "stub", "--label", "nightly job", "--expires", "2099-01-01T00:00:00Z", "--json");
        var first = made.Json.Single();
        var id = first.GetProperty("id").GetString()!;
        var bare = await SendAsync("1", null);
        var sent = await SendAsync("1", first.GetProperty("key").GetString());
        var rotated = await KeysAsync("rotate", "stub", id, "--overlap", "01:00:00", "--json");
        var again = await KeysAsync("rotate", "stub", id);
        var next = rotated.Json.Single().GetProperty("id").GetString()!;
        var revoked = await KeysAsync("revoke", "stub", id);
        var listed = await KeysAsync("list", "stub");
        var json = await KeysAsync("list", "stub", "--json");
        var missing = await KeysAsync("revoke", "stub", "none");
        var removed = await KeysAsync("remove", "stub");

        Assert.Equal("Events of this producer need no key.", none.Error.Trim());
        Assert.Equal((ExitCode.Ok, "Keep the key now: it is never shown again."), (made.ExitCode, made.Error.Trim()));
        Assert.Equal((ExitCode.Unauthorized, ExitCode.Ok), (bare.ExitCode, sent.ExitCode));
        Assert.Equal((ExitCode.Ok, ExitCode.Conflict), (rotated.ExitCode, again.ExitCode));
        Assert.Equal((ExitCode.Ok, ExitCode.NotFound, ExitCode.Ok), (revoked.ExitCode, missing.ExitCode, removed.ExitCode));
        Assert.Matches($"^{next} +active +efp_stub_{next} +nightly job ", listed.Lines[1]);
        Assert.Matches($"^{id} +revoked .* {next}$", listed.Lines[2].Trim());
        Assert.Equal("Events of this producer need a key.", listed.Error.Trim());
        Assert.True(json.Json.Single().GetProperty("required").GetBoolean());
        Assert.Equal(ExitCode.Ok, (await SendAsync("2", null)).ExitCode);

        Task<ToolRun> KeysAsync(params string[] args) => ToolRun.AsAdministratorAsync(service, ["producers", "keys", .. args]);

        Task<ToolRun> SendAsync(string id, string? key) => ToolRun.RunAsync(
            ToolRun.At(service.Host.Address, key: null), null,
            ["send", "--source", Service.Source, "--type", "thing.changed", "--subject", "s", "--id", id, .. key is null ? Array.Empty<string>() : ["--producer-key", key]], Cancellation);
    }
}
