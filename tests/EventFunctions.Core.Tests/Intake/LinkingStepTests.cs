using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Filters;
using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Intake;

public sealed class LinkingStepTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly TopicDouble _topic = new();
    private readonly SqliteEventStore _file;
    private readonly FaultyDocuments _documents;
    private readonly EventIntake _intake;

    public LinkingStepTests()
    {
        using var filters = JsonDocument.Parse("""[{"operatorType":"IsNotNull","key":"data.wanted"}]""");
        var type = new ProducerType { Publish = AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []) };
        var policies = new Producer { Name = "policies", Source = "/s", Entities = true, Retention = new ProducerRetention { RecordDays = 9 } };
        _file = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), _time, TimeSpan.FromMinutes(1), NullLogger.Instance);
        _documents = new FaultyDocuments(new SqliteDocumentStore(_file));
        _intake = TestIntake.Over(
            _file,
            TestIntake.Registry(
                policies with { Types = policies.Types.Add("x", type) },
                policies with { Name = "plain", Source = "/plain", Entities = null, Types = policies.Types.Add("x", type) }),
            TestPublisher.Over(_topic.Port, _time),
            _time,
            documents: _documents);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static EventNotification Event(string id, string data = "{}", string source = "/s", string subject = "42") =>
        new() { Id = id, Source = source, Type = "x", Subject = subject, Data = EventContent.FromJson(data) };

    private Task<IntakeResult> AcceptAsync(params EventNotification[] events) => _intake.AcceptAsync(events, Cancellation);

    private async Task<IEnumerable<string>> LinkedAsync(string source = "/s") =>
        (await new EntityLookup(_documents).ListEventsAsync(new EntityKey(source, "42"), null, 10, null, Cancellation)).Items.Select(link => link.EventId);

    [Fact]
    public async Task Filtered_events_are_linked_and_published_ones_are_left_to_the_enrichment()
    {
        await AcceptAsync(Event("1"), Event("2", """{"wanted":1}"""), Event("3", source: "/plain"));

        Assert.Equal(["1"], await LinkedAsync());
        Assert.Empty(await LinkedAsync("/plain"));
    }

    [Fact]
    public async Task A_link_that_could_not_be_written_is_written_with_the_repeat()
    {
        _documents.FailOnce(after: 0, takesEffect: false);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AcceptAsync(Event("1"), Event("2", """{"wanted":1}""")));
        Assert.Equal(["2"], _topic.Taken.Select(text => JsonElement.Parse(text).GetProperty("id").GetString()));
        _time.Advance(TimeSpan.FromMinutes(1));

        var repeated = await AcceptAsync(Event("1"), Event("2", """{"wanted":1}"""));

        Assert.All(repeated.Outcomes, outcome => Assert.Equal(IntakeVerdict.Duplicate, outcome.Verdict));
        Assert.Equal(["1"], await LinkedAsync());
        _time.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync(Event("1"));
        Assert.Equal(["1"], await LinkedAsync());
    }

    [Fact]
    public async Task A_conflict_is_not_linked()
    {
        await AcceptAsync(Event("1", subject: "other"));

        await AcceptAsync(Event("1"));

        Assert.Empty(await LinkedAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }
}
