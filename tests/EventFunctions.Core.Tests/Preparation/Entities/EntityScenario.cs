using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Preparation.Entities;

/// <summary>Links over a real store.</summary>
internal sealed class EntityScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEventStore _file;

    public EntityScenario()
    {
        _file = new SqliteEventStore(
            new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), new FakeTimeProvider(StoreSamples.Start.AddDays(1)), TimeSpan.FromMinutes(1), NullLogger.Instance);
        Documents = new SqliteDocumentStore(_file);
        Links = new EntityLinks(Documents);
        Lookup = new EntityLookup(Documents);
    }

    public SqliteDocumentStore Documents { get; }

    public EntityLinks Links { get; }

    public EntityLookup Lookup { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A recorded event that makes an entity.</summary>
    public static EventRecord Record(
        string id, string subject = "42", string type = "x", int minute = 0, string? time = null, string source = "/s", string producer = "policies")
    {
        var record = StoreSamples.Record(id, source, type, subject, at: StoreSamples.Start.AddMinutes(minute));
        return record with { Event = record.Event with { Time = time }, Entity = new EntityKey(source, subject), Linked = true, Producer = producer };
    }

    public Task WriteAsync(EventRecord record, int? run = null) => Links.WriteAsync(record, run, null, Cancellation);

    public async Task<List<EntityLink>> LinksAsync(string subject = "42") =>
        [.. (await Documents.QueryAsync(new DocumentQuery(DocumentContainer.Entities) { Partition = new EntityKey("/s", subject).Id }, Cancellation)).Items.Select(EntityLink.Read)];

    public Task<EntitySummary?> ReadAsync(string subject = "42", string? reader = null) => Lookup.ReadAsync(new EntityKey("/s", subject), reader, Cancellation);

    /// <summary>The subjects of all pages of the list, each page as one text.</summary>
    public async Task<List<string>> PagesAsync(int limit, string? source = null, string? reader = null)
    {
        List<string> pages = [];
        string? continuation = null;
        do
        {
            (var entities, continuation) = await Lookup.ListAsync(source, reader, limit, continuation, Cancellation);
            pages.Add(string.Join(' ', entities.Select(entity => entity.Entity.Subject)));
        }
        while (continuation is not null);
        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }
}
