using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Entities;
using EventFunctions.Monitoring;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Preparation.Entities;

/// <summary>The projection over a real store of its own, which breaks off where a test wants it to.</summary>
internal sealed class EntityScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EntityScenario()
    {
        Events = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), Time, TimeSpan.FromMinutes(1));
        Documents = new FaultyDocuments(new SqliteDocumentStore(Events));
        Generations = new EntityGenerationStore(Documents, Time);
        var notes = new UnprocessableEvents(Documents, Time);
        var options = Options.Create(new EntityOptions { RebuildBatch = 7 });
        var projection = new EntityProjection(Documents, notes, options, NullLogger<EntityProjection>.Instance);
        var arrivals = new Arrivals(Documents, Substitute.For<IProducerRegistry>(), Time, Options.Create(new MonitoringOptions()));
        Changes = new RecordedChanges(projection, Generations, arrivals, notes, NullLogger<RecordedChanges>.Instance);
        RebuildOver = events => new EntityRebuild(events, Documents, projection, Generations, notes, Time, options, NullLogger<EntityRebuild>.Instance);
        Rebuild = RebuildOver(Events);
        Lookup = new EntityLookup(Documents, Generations);
    }

    public FakeTimeProvider Time { get; } = new(StoreSamples.Start.AddDays(1));

    public SqliteEventStore Events { get; }

    public FaultyDocuments Documents { get; }

    public EntityGenerationStore Generations { get; }

    public RecordedChanges Changes { get; }

    public EntityRebuild Rebuild { get; }

    /// <summary>Makes a rebuild that reads another store of events.</summary>
    public Func<IEventStore, EntityRebuild> RebuildOver { get; }

    public EntityLookup Lookup { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static EventRecord Record(
        string id, string subject = "42", string type = "x", int minute = 0, string? time = null, string source = "/s", int? completedRun = null, bool erased = false)
    {
        var at = StoreSamples.Start.AddMinutes(minute);
        var record = StoreSamples.Record(id, source, type, subject, at: at);
        record = record with { Event = record.Event with { Time = time }, Entity = new EntityKey(source, subject) };
        record = completedRun is not { } run ? record : record with
        {
            Status = EventStatus.Completed,
            Run = run,
            Timeline = record.Timeline.AddRange(
                Enumerable.Range(0, run + 1).SelectMany(r => new[] { new TimelineEntry(at, TimelineStep.Fetched, r), new TimelineEntry(at, TimelineStep.Completed, r) })),
        };
        return erased ? record with { Erased = true, Timeline = record.Timeline.Add(new TimelineEntry(at, TimelineStep.Erased, record.Run)) } : record;
    }

    public static JsonElement Json(EventRecord record) => JsonElement.Parse(DocumentJson.Write(record));

    public Task TakeAsync(params IEnumerable<EventRecord> records) => Changes.TakeAsync([.. records.Select(Json)], Cancellation);

    public async Task<EntitySummary> ReadAsync(string subject = "42", string source = "/s") =>
        (await Lookup.ReadAsync(new EntityKey(source, subject), Cancellation))?.Summary ?? throw new InvalidOperationException("There is no such entity.");

    /// <summary>
    /// All documents of a generation, apart from the generation's name and the links that a summary has yet to see, as texts
    /// that compare.
    /// </summary>
    public async Task<List<string>> DumpAsync(int generation, params IEnumerable<EntityKey> entities)
    {
        List<string> all = [];
        foreach (var entity in entities)
        {
            var query = new DocumentQuery(DocumentContainer.Entities) { Partition = entity.Id, Limit = 1_000 };
            foreach (var document in (await Documents.QueryAsync(query, Cancellation)).Items)
            {
                var text = $"{document.Id} {System.Text.Encoding.UTF8.GetString(document.Body.Span)}";
                if (text.Contains($"\"{EntityDocuments.SummaryKind(generation)}\"", StringComparison.Ordinal)
                    || text.Contains($"\"{EntityDocuments.LinkKind(generation)}\"", StringComparison.Ordinal))
                {
                    all.Add(Regex.Replace(text, ""","unconfirmed":\[[^]]*\]""", "")
                        .Replace(EntityDocuments.SummaryKind(generation), "entity", StringComparison.Ordinal)
                        .Replace(EntityDocuments.LinkKind(generation), "link", StringComparison.Ordinal));
                }
            }
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await Events.DisposeAsync();
        _folder.Dispose();
    }
}
