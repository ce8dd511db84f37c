using System.Net;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using EventFunctions.Tests.EndToEnd;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Hosting;

/// <summary>A backup holds the records. Deliveries of the local Event Grid come from them.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_in_progress_completes_after_a_restore_without_the_file_of_deliveries()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        producer.Status = StatusCodes.Status503ServiceUnavailable;
        await using (var before = await StartAsync(folder, producer))
        {
            using var client = new HttpClient { BaseAddress = before.Address };
            using var posted = await client.PostAsync("/api/events", Service.Event("begun"), Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
            await ReachesAsync(client, "enriching");
        }

        foreach (var file in Directory.GetFiles(folder.Path, "eventgrid.db*"))
        {
            File.Delete(file);
        }

        producer.Status = StatusCodes.Status200OK;
        await using var after = await StartAsync(folder, producer);
        using var restored = new HttpClient { BaseAddress = after.Address };
        await ReachesAsync(restored, "completed");
    }

    private static async Task ReachesAsync(HttpClient client, string expected)
    {
        var status = "";
        await Poll.UntilAsync(
            async () =>
            {
                var record = JsonElement.Parse(await client.GetByteArrayAsync($"/api/events/begun?source={Uri.EscapeDataString(Service.Source)}", Cancellation));
                status = record.GetProperty("status").GetString()!;
                return status == expected;
            },
            () => status);
    }

    private static Task<LocalHost> StartAsync(TemporaryFolder folder, StubProducer producer)
    {
        var settings = producer.Registration(Service.Source).ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        settings["TickSchedule"] = "* * * * * *";
        settings["Logging:LogLevel:Default"] = "None";
        settings["Logging:LogLevel:EventFunctions"] = "None";
        return LocalHost.StartAsync(
            new LocalHostOptions { Urls = "http://127.0.0.1:0", DataDirectory = folder.Path, ContentRoot = folder.Path, Settings = settings }, Cancellation);
    }
}
