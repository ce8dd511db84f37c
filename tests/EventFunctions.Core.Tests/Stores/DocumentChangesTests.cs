using System.Text;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Stores;

public sealed class DocumentChangesTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEventStore _file;
    private readonly WatchedDocuments _store;

    public DocumentChangesTests()
    {
        _file = new SqliteEventStore(Options.Create(new SqliteOptions { Path = _folder.File("store.db") }), TimeProvider.System, NullLogger<SqliteEventStore>.Instance);
        _store = new WatchedDocuments(new SqliteDocumentStore(_file));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Concurrent_changes_of_one_document_are_all_made()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => IncrementAsync()));

        Assert.Equal([1, 2, 3, 4], results.Order());
        Assert.Equal(4, await ReadAsync());
    }

    [Fact]
    public async Task A_change_is_decided_again_if_another_writer_was_first()
    {
        await IncrementAsync();
        _store.BeforeWrite = async (number, _) => await (number == 2 ? IncrementAsync() : Task.CompletedTask);

        Assert.Equal(3, await IncrementAsync());
        Assert.Equal(3, await ReadAsync());
    }

    [Fact]
    public async Task A_change_that_always_meets_another_writer_is_given_up()
    {
        await IncrementAsync();
        var isOther = false;
        _store.BeforeWrite = async (_, _) =>
        {
            if (!isOther)
            {
                isOther = true;
                await IncrementAsync();
                isOther = false;
            }
        };

        var error = await Assert.ThrowsAsync<ContentionException>(IncrementAsync);

        Assert.Equal("Other writers keep changing the document \"count\" of \"p\" in \"state\".", error.Message);
        Assert.Equal(1 + DocumentChanges.MaxAttempts, await ReadAsync());
    }

    [Fact]
    public async Task A_decision_can_leave_the_document_or_delete_it()
    {
        await IncrementAsync();
        _store.ResetCounts();

        Assert.Equal("kept", await ChangeAsync<string>(_ => new("kept")));
        Assert.Equal((1, 0), (_store.Reads, _store.Writes));
        Assert.Equal("deleted", await ChangeAsync<string>(_ => new("deleted", Deletes: true)));
        Assert.Null(await ReadAsync());
        Assert.Equal("nothing to delete", await ChangeAsync<string>(_ => new("nothing to delete", Deletes: true)));
    }

    [Fact]
    public async Task A_document_that_changed_is_not_deleted()
    {
        await IncrementAsync();
        _store.BeforeWrite = async (number, _) => await (number == 2 ? IncrementAsync() : Task.CompletedTask);

        Assert.Equal(2, await ChangeAsync<int>(found => new(Count(found), Deletes: Count(found) == 1)));
        Assert.Equal(2, await ReadAsync());
    }

    private Task<int> IncrementAsync() => ChangeAsync<int>(found =>
    {
        var next = Count(found) + 1;
        return new(next, new Document("p", "count", Encoding.UTF8.GetBytes($$"""{"count":{{next}}}""")));
    });

    private Task<T> ChangeAsync<T>(Func<StoredDocument?, DocumentChange<T>> decide) =>
        _store.ChangeAsync(DocumentContainer.State, "p", "count", TimeProvider.System, decide, Stop);

    private async Task<int?> ReadAsync() =>
        await _store.ReadAsync(DocumentContainer.State, "p", "count", Stop) is { } found ? Count(found) : null;

    private static int Count(StoredDocument? found) =>
        found is null ? 0 : System.Text.Json.JsonElement.Parse(found.Body.Span).GetProperty("count").GetInt32();
}
