using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Guides;

/// <summary>What <c>docs/consumers.md</c> shows does what it says.</summary>
public sealed class ConsumerGuideTests
{
    private const string Key = "an administration key of the tests";

    private readonly Guide _guide = new("consumers.md");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("python")]
    [InlineData("js")]
    [InlineData("csharp")]
    public async Task The_receiver_takes_a_delivery_and_the_line_for_curl_registers_it(string language)
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: [("Administration:Key", Key), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8")]);
        using var register = await _guide.StartAsync("bash", service.Host.Address, folder, environment: ("ADMIN_KEY", Key));
        var secret = JsonElement.Parse(await register.StandardOutput.ReadToEndAsync(Stop)).GetProperty("secret").GetString()!;
        using var receiver = await _guide.StartAsync(language, service.Host.Address, folder, environment: [("WEBHOOK_SECRET", secret), ("PORT", "0")]);
        try
        {
            // The example's own port may be taken here.
            var url = (await receiver.StandardOutput.ReadLineAsync(Stop))!;
            using var moved = new HttpRequestMessage(HttpMethod.Put, "/api/webhooks/mine")
            {
                Content = new StringContent($$"""{"url":"{{url}}","events":"enriched"}""", new MediaTypeHeaderValue("application/json")),
            };
            moved.Headers.Add("x-admin-key", Key);
            moved.Headers.Add("If-Match", "*");
            using var answer = await service.Client.SendAsync(moved, Stop);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
            using var forged = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("{}") };
            foreach (var (name, value) in new[] { ("webhook-id", "msg_1"), ("webhook-timestamp", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}"), ("webhook-signature", "v1,AAAA") })
            {
                forged.Headers.Add(name, value);
            }

            using var refused = await service.Client.SendAsync(forged, Stop);
            await service.PostAsync(Service.Event("told"));

            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("received thing.changed.enriched told:enriched", await receiver.StandardOutput.ReadLineAsync(Stop));
        }
        finally
        {
            await EndAsync(receiver);
        }
    }

    [Fact]
    public async Task The_reader_of_the_feed_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "false"));
        foreach (var id in new[] { "first", "second" })
        {
            using var posted = await service.PostAsync(Service.Event(id));
            await service.ReachesAsync(id, "completed");
            using var reader = await _guide.StartAsync("python", service.Host.Address, folder, number: 1);
            try
            {
                Assert.Equal($"received thing.changed.enriched {id}:enriched", await reader.StandardOutput.ReadLineAsync(Stop));
                await Poll.UntilAsync(() => File.Exists(folder.File("last")) && File.ReadAllText(folder.File("last")).Length > 0, () => "It kept no place.");
            }
            finally
            {
                await EndAsync(reader);
            }
        }
    }

    private static async Task EndAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
    }
}
