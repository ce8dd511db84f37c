using System.Diagnostics;
using EventFunctions.Tests.Cosmos;
using EventFunctions.Tests.Guides;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

/// <summary>The receiver that uses the library of Standard Webhooks.</summary>
public sealed class ReceiverExamplesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_receiver_in_JavaScript_takes_what_is_signed_and_nothing_else()
    {
        await StandardWebhooksLibrary.InstallAsync();
        var secret = WebhookSecret.Create();
        var script = Path.Combine(NodePackages.Folder, $"receiver-{Guid.NewGuid():N}.mjs");
        await File.WriteAllTextAsync(script, Example.Sample("receive/library.mjs"), Stop);
        using var receiver = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardOutput = true,
            Environment = { ["WEBHOOK_SECRET"] = secret.Text, ["PORT"] = "0" },
        })!;
        try
        {
            var url = new Uri((await receiver.StandardOutput.LineAsync())!);

            Assert.Equal(204, await PostAsync(url, secret, TimeProvider.System.GetUtcNow()));
            Assert.Equal("received t 1", await receiver.StandardOutput.LineAsync());
            Assert.Equal(401, await PostAsync(url, WebhookSecret.Create(), TimeProvider.System.GetUtcNow()));
            Assert.Equal(401, await PostAsync(url, secret, TimeProvider.System.GetUtcNow().AddHours(-1)));
        }
        finally
        {
            await receiver.KillAsync();
            File.Delete(script);
        }
    }

    private static async Task<int?> PostAsync(Uri url, WebhookSecret secret, DateTimeOffset at)
    {
        var body = """{"specversion":"1.0","id":"1","source":"/s","type":"t"}"""u8.ToArray();
        var request = Posting.Request(url) with { Timestamp = at, Body = body, Signatures = new WebhookSecrets(secret).Sign("msg_1", at, body) };
        return (await Posting.Client("127.0.0.0/8").SendAsync(request, Stop)).Status;
    }
}
