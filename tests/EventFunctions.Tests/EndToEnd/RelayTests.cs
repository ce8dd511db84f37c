using System.Net;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

public sealed class RelayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_could_not_be_published_is_accepted_and_relayed()
    {
        await using var topic = await FaultyTopic.StartAsync();
        await using var service = await Service.StartAsync(settings:
        [
            ("EventGrid:Endpoint", topic.Endpoint.AbsoluteUri),
            ("Intake:RelayAfterFailure", "00:00:01"),
            ("Relay:RetryAfter", "00:00:01"),
        ]);
        topic.LeadTo(service.Host.Address);
        topic.Fault = TopicFault.InternalError;

        // The relay's own note comes first only where the rest takes its time.
        var gate = new TaskCompletionSource();
        service.Producer.Gate = gate.Task;
        using var answer = await service.PostAsync(Service.Event("late"));
        var failed = await service.ReachesAsync("late", "publishFailed");
        topic.Fault = TopicFault.None;
        await service.ReachesAsync("late", "relayed");
        gate.SetResult();
        var record = await service.ReachesAsync("late", "completed");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("recorded", (await JsonOf(answer)).GetProperty("status").GetString());
        Assert.Equal("recorded", failed.GetProperty("status").GetString());
        Assert.Equal(["recorded", "publishFailed", "relayed", "delivered", "fetched", "completed"], Service.Steps(record).Distinct());
        Assert.Equal(1, topic.Confirmed["late"]);
        Assert.Equal(1, service.Producer.Fetches["late"]);
    }

    [Fact]
    public async Task Health_tells_of_a_topic_that_refuses_the_service_until_it_takes_something_again()
    {
        await using var topic = await FaultyTopic.StartAsync();
        await using var service = await Service.StartAsync(settings:
        [
            ("EventGrid:Endpoint", topic.Endpoint.AbsoluteUri),
            ("Intake:RelayAfterFailure", "00:00:01"),
            ("Relay:RetryAfter", "00:00:01"),
        ]);
        topic.LeadTo(service.Host.Address);
        topic.Fault = TopicFault.Refuses;

        using var answer = await service.PostAsync(Service.Event("refused"));
        using var unhealthy = await service.Client.GetAsync("/api/health", Cancellation);
        topic.Fault = TopicFault.None;
        await service.ReachesAsync("refused", "completed");
        using var healthy = await service.Client.GetAsync("/api/health", Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","dependencies":{"store":"healthy","topic":"unhealthy","queue":"healthy"}}"""),
            (unhealthy.StatusCode, await unhealthy.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
    }

    [Fact]
    public async Task A_topic_that_hangs_costs_the_producer_no_more_than_the_budget()
    {
        await using var topic = await FaultyTopic.StartAsync();
        await using var service = await Service.StartAsync(settings:
        [
            ("EventGrid:Endpoint", topic.Endpoint.AbsoluteUri),
            ("Intake:PublishBudget", "00:00:00.5"),
            ("Intake:RelayAfterFailure", "00:00:01"),
            ("Publication:RequestTimeout", "00:00:01"),
        ]);
        topic.LeadTo(service.Host.Address);
        topic.Fault = TopicFault.Hangs;

        using var answer = await service.PostAsync(Service.Event("hung"));
        topic.Fault = TopicFault.None;
        var record = await service.ReachesAsync("hung", "completed");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("publishFailed", Service.Steps(record)[1]);
        Assert.Equal(1, topic.Confirmed["hung"]);
    }

    [Fact]
    public async Task What_a_consumer_never_takes_becomes_a_dead_letter_and_the_event_completes_all_the_same()
    {
        await using var consumer = await Consumer.StartAsync();
        consumer.Status = 500;
        await using var service = await Service.StartAsync(consumer, attempts: 2);

        using var answer = await service.PostAsync(Service.Event("unwanted"));
        await service.ReachesAsync("unwanted", "completed");
        var letters = new Dictionary<string, JsonElement>();
        await Poll.UntilAsync(
            () =>
            {
                letters = ReadDeadLetters(service.DeadLetterFolder);
                return letters.Count == 2;
            },
            () => $"{letters.Count} dead letters");

        Assert.Equal(["unwanted", "unwanted:enriched"], letters.Keys.Order(StringComparer.Ordinal));
        Assert.All(letters.Values, letter => Assert.Equal("MaxDeliveryAttemptsExceeded", letter.GetProperty("deadletterreason").GetString()));
        Assert.All(letters.Values, letter => Assert.Equal(2, letter.GetProperty("deliveryattempts").GetInt32()));
        Assert.Equal("completed", (await service.ReadAsync("unwanted")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_the_producer_has_deleted_fails_with_its_reason_at_the_first_attempt()
    {
        await using var service = await Service.StartAsync();

        using var answer = await service.PostAsync(Service.Event("gone-1"));
        var record = await service.ReachesAsync("gone-1", "failed");

        Assert.Equal("failed", record.GetProperty("status").GetString());
        Assert.Equal("dataNotFound", record.GetProperty("reason").GetString());
        Assert.Equal(1, service.Producer.Fetches["gone-1"]);
    }

    private static Dictionary<string, JsonElement> ReadDeadLetters(string folder) =>
        !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .SelectMany(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray())
            .ToDictionary(letter => letter.GetProperty("id").GetString()!);

    private static async Task<JsonElement> JsonOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement;
}
