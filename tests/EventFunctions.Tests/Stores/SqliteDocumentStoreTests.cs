using System.Text;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Stores;

public sealed class SqliteDocumentStoreTests : DocumentStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;
    private SqliteEventStore? _file;

    public SqliteDocumentStoreTests() => _database = new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations);

    protected override Task<IDocumentStore> OpenAsync()
    {
        _file = new SqliteEventStore(_database, Time, sweepEvery: TimeSpan.FromMinutes(1), NullLogger.Instance);
        return Task.FromResult<IDocumentStore>(new SqliteDocumentStore(_file));
    }

    protected override async Task CloseAsync(IDocumentStore store) => await _file!.DisposeAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_that_knew_only_events_keeps_them_and_learns_documents()
    {
        var older = new SqliteDatabase(_folder.File("older.db"), [StoreSchema.Migrations[0]]);
        using (var connection = older.OpenWriter())
        {
            SqliteDatabase.Execute(connection, "UPDATE store SET last_change = 42");
        }

        await using var file = new SqliteEventStore(new SqliteDatabase(older.Path, StoreSchema.Migrations), Time, TimeSpan.FromMinutes(1), NullLogger.Instance);
        await new SqliteDocumentStore(file).UpsertAsync(DocumentContainer.State, new Document("job", "1", "{}"u8.ToArray()), Cancellation);

        Assert.Equal(1, Count(older, "store WHERE last_change = 42"));
        Assert.Equal(1, Count(older, "state"));
    }

    [Fact]
    public async Task A_locked_file_is_unavailable_and_works_again_when_the_lock_is_gone()
    {
        using (var other = _database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<StoreUnavailableException>(
                () => Store.CreateAsync(DocumentContainer.State, new Document("job", "1", "{}"u8.ToArray()), Cancellation));
            Assert.Null(await Store.ReadAsync(DocumentContainer.State, "job", "1", Cancellation));
        }

        Assert.NotNull(await Store.CreateAsync(DocumentContainer.State, new Document("job", "1", "{}"u8.ToArray()), Cancellation));
    }

    [Fact]
    public async Task Writes_of_events_and_documents_share_transactions()
    {
        var before = _file!.Transactions;
        var writes = Enumerable.Range(0, 200).SelectMany(i => new Task[]
        {
            _file.CreateAsync([StoreSamples.Record()], Cancellation),
            Store.UpsertAsync(DocumentContainer.State, new Document("job", $"{i}", "{}"u8.ToArray()), Cancellation),
        });
        await Task.WhenAll(writes);

        Assert.InRange(_file.Transactions - before, 1, 80);
    }

    [Fact]
    public async Task What_has_expired_is_removed_in_the_background()
    {
        foreach (var container in DocumentContainer.All)
        {
            await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Store.UpsertAsync(
                container, new Document("job", $"{i}", "{}"u8.ToArray()) { TimeToLive = TimeSpan.FromMinutes(i == 0 ? 60 : 5) }, Cancellation)));
        }

        Time.Advance(TimeSpan.FromMinutes(6));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (DocumentContainer.All.Any(container => Count(_database, container.Name) > 1))
        {
            await Task.Delay(10, deadline.Token);
        }

        Assert.NotNull(await Store.ReadAsync(DocumentContainer.State, "job", "0", Cancellation));
    }

    [Fact]
    public async Task What_moved_between_pages_before_it_was_overwritten_is_in_no_file_after_cleaning()
    {
        // Pages keep copies of documents that made room for others: in one of a hundred, with sizes and keys like these.
        var random = new Random(1);
        var documents = Enumerable.Range(0, 3_000).Select(i => (
            Id: $"{random.NextInt64():x16}", Body: $$"""{"text":"Jo lives at number {{i}}, {{new string('x', random.Next(50, 1_500))}}"}""")).ToList();
        await Task.WhenAll(documents.Select(one => Store.UpsertAsync(
            DocumentContainer.Deliveries, new Document("crm", one.Id, Encoding.UTF8.GetBytes(one.Body)), Cancellation)));
        await Task.WhenAll(documents.Select(one => Store.UpsertAsync(DocumentContainer.Deliveries, new Document("crm", one.Id, "{}"u8.ToArray()), Cancellation)));

        await _file!.EraseAsync(_ => Task.FromResult(false), Cancellation);

        foreach (var path in Directory.EnumerateFiles(_folder.Path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[file.Length];
            await file.ReadExactlyAsync(bytes, Cancellation);
            Assert.Equal(-1, bytes.AsSpan().IndexOf("Jo lives"u8));
        }

        Assert.Equal(documents.Count, Count(_database, "deliveries WHERE document = '{}'"));
    }

    [Fact]
    public void Queries_that_the_service_makes_often_follow_an_index_and_never_sort()
    {
        using var connection = _database.OpenReader();
        var links = new DocumentQuery(DocumentContainer.Entities);
        DocumentQuery[] queries =
        [
            links with { OrderBy = "recordedAt", Descending = true },
            links with { OrderBy = "recordedAt", Descending = true, Equal = links.Equal.Add("source", "/s").Add("producer", "p") },
            links with { Partition = "e", OrderBy = "time", Descending = true },
            links with { Partition = "e", OrderBy = "time", Descending = true, To = "2", Equal = links.Equal.Add("kind", "enriched").Add("producer", "p") },
            links with { Partition = "e", Descending = true },
            new(DocumentContainer.Producers) { OrderBy = "kind", Equal = links.Equal.Add("kind", "producer") },
            new(DocumentContainer.State) { Partition = "job", OrderBy = "dueAt", To = "2" },
            new(DocumentContainer.State) { OrderBy = "dueAt", To = "2" },
            new(DocumentContainer.State) { Partition = "refusal-p", OrderBy = "refusedAt", Descending = true },
            new(DocumentContainer.State) { OrderBy = "refusedAt", Descending = true },
            new(DocumentContainer.State) { Partition = "job" },
            new(DocumentContainer.Deliveries) { OrderBy = "dueAt", To = "2" },
            new(DocumentContainer.Deliveries) { OrderBy = "lostSince" },
        ];

        foreach (var query in queries)
        {
            var sql = new SqliteDocumentSql(query, 0);
            using var statement = new SqliteStatement(connection, "EXPLAIN QUERY PLAN " + sql.Text);
            var plan = string.Join('\n', sql.Bind(statement).Select(row => row.Text(3)));
            Assert.Contains("USING", plan, StringComparison.Ordinal);
            Assert.StartsWith("SEARCH", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
        }
    }

    private static long Count(SqliteDatabase database, string what)
    {
        using var connection = database.OpenReader();
        using var statement = new SqliteStatement(connection, "SELECT count(*) FROM " + what);
        return statement.Single(row => row.Int64(0));
    }
}
