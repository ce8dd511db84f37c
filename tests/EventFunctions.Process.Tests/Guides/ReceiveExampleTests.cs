using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Guides;

/// <summary>The examples that receive events by webhook, feed and stream.</summary>
public sealed class ReceiveExampleTests
{
    private const string Key = "an administration key of the tests";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("receive.py")]
    [InlineData("receive.mjs")]
    [InlineData("receive.cs")]
    public async Task A_receiver_accepts_a_delivery_and_rejects_a_forged_one(string file)
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: [("Administration:Key", Key), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8")]);
        var secret = (await PutAsync(service, "http://127.0.0.1:9/", create: true)).GetProperty("secret").GetString()!;
        using var receiver = await Example.StartAsync(
            file, Example.Sample("receive/" + file), service.Host.Address, folder, ("WEBHOOK_SECRET", secret), ("PORT", "0"));
        try
        {
            var url = (await receiver.StandardOutput.LineAsync())!;
            await PutAsync(service, url, create: false);
            using var forged = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("{}") };
            foreach (var (name, value) in new[] { ("webhook-id", "msg_1"), ("webhook-timestamp", $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}"), ("webhook-signature", "v1,AAAA") })
            {
                forged.Headers.Add(name, value);
            }

            using var rejected = await service.Client.SendAsync(forged, Stop);
            await service.PostAsync(Service.Event("sent"));

            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, rejected.StatusCode);
            Assert.Equal("received thing.changed.enriched sent:enriched", await receiver.StandardOutput.LineAsync());
        }
        finally
        {
            await receiver.KillAsync(withItsChildren: true);
        }
    }

    [Fact]
    public async Task The_reader_of_the_feed_resumes_where_it_stopped()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync();
        foreach (var id in new[] { "first", "second" })
        {
            using var posted = await service.PostAsync(Service.Event(id));
            await service.ReachesAsync(id, "completed");
            using var reader = await Example.StartAsync("feed.py", Example.Sample("receive/feed.py"), service.Host.Address, folder);
            try
            {
                Assert.Equal($"received thing.changed.enriched {id}:enriched", await reader.StandardOutput.LineAsync());
                await Poll.UntilAsync(() => File.Exists(folder.File("last")) && File.ReadAllText(folder.File("last")).Length > 0, () => "It kept no place.");
            }
            finally
            {
                await reader.KillAsync(withItsChildren: true);
            }
        }
    }

    [Fact]
    public async Task The_reader_of_the_stream_receives_each_change_across_reconnections()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Stream:MaxDuration", "00:00:01"));
        using var reader = await Example.StartAsync("tail.mjs", Example.Sample("receive/tail.mjs"), service.Host.Address, folder);
        try
        {
            var next = reader.StandardOutput.LineAsync();
            var first = 0;

            // The stream begins when its request arrives: events before that are not in it.
            while (await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(200), Stop)) != next)
            {
                await service.PostAsync(Service.Event($"before-{first++}"));
            }

            await service.PostAsync(Service.Event("last"));
            string? id = null;
            while (id != "last")
            {
                id = await reader.StandardOutput.LineAsync();
                Assert.NotNull(id);
            }
        }
        finally
        {
            await reader.KillAsync(withItsChildren: true);
        }
    }

    private static async Task<JsonElement> PutAsync(Service service, string url, bool create)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/webhooks/mine")
        {
            Content = new StringContent($$"""{"url":"{{url}}","events":"enriched"}""", new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("x-admin-key", Key);
        request.Headers.Add(create ? "If-None-Match" : "If-Match", "*");
        using var response = await service.Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
