using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Tests.Hosting;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>Dead letters of the embedded host's own Event Grid, from the subscriber that fails to the record.</summary>
public sealed class DeadLetterTests
{
    // All retries of a day, in a few seconds.
    private static readonly (string, string)[] Hurried =
    [
        ("LocalEventGrid:RetryScale", "0.000001"),
        ("ProducerClient:MaxRetries", "0"),
        ("ProducerClient:BreakThroughput", "1000"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_Event_Grid_gives_up_is_dead_lettered_with_its_reason()
    {
        await using var service = await Service.StartAsync(settings: Hurried);
        service.Producer.Status = (int)HttpStatusCode.ServiceUnavailable;

        using var answer = await service.PostAsync(Service.Event("stuck"));
        var record = await service.ReachesAsync("stuck", "deadLettered");

        Assert.Equal("deadLettered", record.GetProperty("status").GetString());
        Assert.Equal("MaxDeliveryAttemptsExceeded", record.GetProperty("reason").GetString());
        var entry = record.GetProperty("timeline").EnumerateArray().Single(e => e.GetProperty("what").GetString() == "deadLettered");
        Assert.StartsWith("MaxDeliveryAttemptsExceeded after 30 attempts; last outcome: ", entry.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(30, entry.GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task A_consumers_dead_letters_are_noted_on_the_event_that_they_belong_to_and_once_whatever_comes_again()
    {
        await using var consumer = await Consumer.StartAsync();
        consumer.Status = 400;
        await using var service = await Service.StartAsync(consumer);

        using var answer = await service.PostAsync(Service.Event("unwanted"));
        var record = await ReadWithNotesAsync(service, "unwanted", 2);
        foreach (var blob in Directory.EnumerateFiles(service.DeadLetterFolder, "*.json", SearchOption.AllDirectories))
        {
            var created = JsonSerializer.Serialize(new
            {
                specversion = "1.0",
                id = Guid.NewGuid(),
                source = "/storage",
                type = "Microsoft.Storage.BlobCreated",
                data = new { url = new Uri(blob).AbsoluteUri },
            });
            Assert.Equal(HttpStatusCode.Accepted, await DeliverAsync(service, "RecordDeadLetters", created));
        }

        Assert.Equal("completed", record.GetProperty("status").GetString());
        Assert.Equal(
            [
                "consumer, enriched event: UndeliverableDueToClientError after 1 attempt; last outcome: BadRequest",
                "consumer: UndeliverableDueToClientError after 1 attempt; last outcome: BadRequest",
            ],
            Notes(record).Order(StringComparer.Ordinal));
        Assert.Equal(2, Notes(await service.ReadAsync("unwanted")).Count);
    }

    [Fact]
    public async Task A_blob_outside_the_dead_letter_containers_is_not_read()
    {
        await using var service = await Service.StartAsync();
        using var answer = await service.PostAsync(Service.Event("safe"));
        await service.ReachesAsync("safe", "completed");
        using var elsewhere = new TemporaryFolder();
        Directory.CreateDirectory(elsewhere.File("deadletters-consumer"));
        var blob = elsewhere.File("deadletters-consumer/1.json");
        await File.WriteAllTextAsync(
            blob,
            """[{"id":"safe","source":"/tests/service","type":"t","deadletterreason":"R","publishtime":"2026-01-01T00:00:00Z"}]""",
            Cancellation);

        foreach (var url in new[] { new Uri(blob).AbsoluteUri, new Uri(service.DeadLetterFolder).AbsoluteUri + "/deadletters-consumer/../../events.db" })
        {
            var created = $$$"""{"specversion":"1.0","id":"1","source":"/s","type":"Microsoft.Storage.BlobCreated","data":{"url":"{{{url}}}"}}""";
            Assert.Equal(HttpStatusCode.Accepted, await DeliverAsync(service, "RecordDeadLetters", created));
        }

        Assert.Empty(Notes(await service.ReadAsync("safe")));
    }

    private static async Task<JsonElement> ReadWithNotesAsync(Service service, string id, int count)
    {
        var record = default(JsonElement);
        await Poll.UntilAsync(
            async () =>
            {
                record = await service.ReadAsync(id);
                return Notes(record).Count == count && record.GetProperty("status").GetString() == "completed";
            },
            () => record.GetRawText());
        return record;
    }

    private static List<string> Notes(JsonElement record) =>
    [
        .. record.GetProperty("timeline").EnumerateArray()
            .Where(entry => entry.GetProperty("what").GetString() == "consumerDeadLettered")
            .Select(entry => entry.GetProperty("detail").GetString()!),
    ];

    private static async Task<HttpStatusCode> DeliverAsync(Service service, string function, string cloudEvent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, TestServer.WebhookPath(service.Host.Services, function));
        request.Headers.Add("aeg-event-type", "Notification");
        request.Content = new StringContent(cloudEvent, new MediaTypeHeaderValue("application/cloudevents+json"));
        using var answer = await service.Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
