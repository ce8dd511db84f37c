using System.Diagnostics;
using System.Text.RegularExpressions;
using EventFunctions.Tests.Cosmos;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

/// <summary>The receivers that <c>docs/webhooks.md</c> shows do what it says.</summary>
public sealed partial class ReceiverExamplesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_receiver_in_JavaScript_takes_what_is_signed_and_nothing_else()
    {
        await StandardWebhooksLibrary.InstallAsync();
        var secret = WebhookSecret.Create();
        var script = Path.Combine(NodePackages.Folder, $"receiver-{Guid.NewGuid():N}.mjs");
        await File.WriteAllTextAsync(script, Example("js"), Stop);
        using var receiver = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardOutput = true,
            Environment = { ["WEBHOOK_SECRET"] = secret.Text, ["PORT"] = "0" },
        })!;
        try
        {
            var url = new Uri((await receiver.StandardOutput.ReadLineAsync(Stop))!);

            Assert.Equal(204, await PostAsync(url, secret, TimeProvider.System.GetUtcNow()));
            Assert.Equal("received t 1", await receiver.StandardOutput.ReadLineAsync(Stop));
            Assert.Equal(401, await PostAsync(url, WebhookSecret.Create(), TimeProvider.System.GetUtcNow()));
            Assert.Equal(401, await PostAsync(url, secret, TimeProvider.System.GetUtcNow().AddHours(-1)));
        }
        finally
        {
            receiver.Kill();
            await receiver.WaitForExitAsync(CancellationToken.None);
            File.Delete(script);
        }
    }

    [Fact]
    public void The_receiver_in_CSharp_is_the_one_that_is_tested()
    {
        var lines = Example("csharp").Trim().Split('\n').Select(line => line.Length == 0 ? line : "    " + line);

        Assert.Contains(string.Join('\n', lines), File.ReadAllText(Repository.File("tests/EventFunctions.Process.Tests/Webhooks/Receiver.cs")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_receiver_in_CSharp_takes_what_is_signed_and_nothing_else()
    {
        var (old, current, now) = (WebhookSecret.Create(), WebhookSecret.Create(), TimeProvider.System.GetUtcNow());
        var body = "{}"u8.ToArray();
        var signatures = string.Join(' ', new WebhookSecrets(current, old, now.AddHours(1)).Sign("msg_1", now, body));
        var timestamp = StandardWebhookSignature.TextOf(now);

        Assert.True(Receiver.IsGenuine(current.Text, "msg_1", timestamp, signatures, body));
        Assert.True(Receiver.IsGenuine(old.Text, "msg_1", timestamp, signatures, body));
        Assert.False(Receiver.IsGenuine(WebhookSecret.Create().Text, "msg_1", timestamp, signatures, body));
        Assert.False(Receiver.IsGenuine(current.Text, "msg_2", timestamp, signatures, body));
        Assert.False(Receiver.IsGenuine(current.Text, "msg_1", timestamp, signatures, [.. body, 0]));
        var late = now.AddHours(-1);
        Assert.False(Receiver.IsGenuine(
            current.Text, "msg_1", StandardWebhookSignature.TextOf(late), StandardWebhookSignature.Sign(current.Bytes, "msg_1", late, body), body));
    }

    private static async Task<int?> PostAsync(Uri url, WebhookSecret secret, DateTimeOffset at)
    {
        var body = """{"specversion":"1.0","id":"1","source":"/s","type":"t"}"""u8.ToArray();
        var request = Posting.Request(url) with { Timestamp = at, Body = body, Signatures = new WebhookSecrets(secret).Sign("msg_1", at, body) };
        return (await Posting.Client("127.0.0.0/8").SendAsync(request, Stop)).Status;
    }

    private static string Example(string language) => Block()
        .Matches(File.ReadAllText(Repository.File("docs/webhooks.md")).ReplaceLineEndings("\n"))
        .Single(block => block.Groups[1].Value == language)
        .Groups[2].Value;

    [GeneratedRegex("```([a-z]+)\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
