using System.Text.Json;
using Azure.Storage.Blobs;
using EventFunctions.Local.EventGrid;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.EventGrid;

namespace EventFunctions.Tests.Azurite;

/// <summary>The local Event Grid with its dead-letter containers in a storage account.</summary>
public sealed class LocalDeadLetterTests(AzuriteAccount azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("events", "deadletterreason")]
    [InlineData("classic", "deadLetterReason")]
    public async Task Dead_letters_are_written_to_the_account_in_the_words_of_their_schema(string topic, string reason)
    {
        var connection = await azurite.ConnectAsync();
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        var container = $"c{Guid.NewGuid():N}";
        var subscription = TestGrid.Function(subscriber);
        subscription = subscription with
        {
            Properties = subscription.Properties with { DeadLetterDestination = new() { Properties = new() { BlobContainerName = container } } },
        };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            Topics = [topic == "events" ? TestGrid.CloudEventsTopic(subscription) : TestGrid.EventGridTopic(subscription)],
            DeadLetterConnectionString = connection,
        });

        var sent = topic == "events"
            ? """{"specversion":"1.0","id":"1","source":"/s","type":"t"}"""
            : """[{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-01T00:00:00Z","data":{},"dataVersion":"1"}]""";
        using var answer = await grid.PostAsync(System.Text.Encoding.UTF8.GetBytes(sent), topic: topic);
        answer.EnsureSuccessStatusCode();
        await Poll.UntilAsync(() => grid.Status.DeadLettered == 1, () => grid.Status.ToString());

        var client = new BlobContainerClient(connection, container);
        var blobs = new List<string>();
        await foreach (var blob in client.GetBlobsAsync(cancellationToken: Stop))
        {
            blobs.Add(blob.Name);
        }

        Assert.Matches(@"^ENRICH/\d{4}/\d+/\d+/\d+/[0-9a-f-]{36}\.json$", Assert.Single(blobs));
        var written = await client.GetBlobClient(blobs[0]).DownloadContentAsync(Stop);
        Assert.Equal("application/json", written.Value.Details.ContentType);
        var letter = Assert.Single(JsonDocument.Parse(written.Value.Content).RootElement.EnumerateArray());
        Assert.Equal(("1", "UndeliverableDueToClientError"), (letter.GetProperty("id").GetString(), letter.GetProperty(reason).GetString()));
    }

    [Fact]
    public async Task The_embedded_host_records_what_its_Event_Grid_writes_there()
    {
        await using var consumer = await Consumer.StartAsync();
        consumer.Status = 400;
        await using var service = await Service.StartAsync(consumer, settings: ("LocalEventGrid:DeadLetterConnectionString", await azurite.ConnectAsync()));

        using var answer = await service.PostAsync(Service.Event("unwanted"));
        await service.ReachesAsync("unwanted", "completed");
        await Poll.UntilAsync(
            async () => Service.Steps(await service.ReadAsync("unwanted")).Count(step => step == "consumerDeadLettered") == 2,
            () => "no two notes");

        Assert.False(Directory.Exists(service.DeadLetterFolder));
        Assert.Equal("completed", (await service.ReadAsync("unwanted")).GetProperty("status").GetString());
    }
}
