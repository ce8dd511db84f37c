using System.Text;
using System.Text.Json;
using EventFunctions.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Stores;

/// <summary>What every <see cref="IDocumentStore"/> does. A store joins by opening itself, empty, for one test.</summary>
public abstract partial class DocumentStoreConformance : IAsyncLifetime
{
    private static readonly DocumentContainer State = DocumentContainer.State;

    private IDocumentStore? _store;

    /// <summary>The time by which the store works.</summary>
    protected FakeTimeProvider Time { get; } = new(StoreSamples.Start);

    protected IDocumentStore Store => _store ?? throw new InvalidOperationException("The store is not open.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's own store.</summary>
    protected abstract Task<IDocumentStore> OpenAsync();

    /// <summary>Closes a store, which keeps what it has.</summary>
    protected abstract Task CloseAsync(IDocumentStore store);

    /// <summary>Lets time pass for what expires.</summary>
    protected virtual Task PassAsync(TimeSpan time)
    {
        Time.Advance(time);
        return Task.CompletedTask;
    }

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(Store);
        GC.SuppressFinalize(this);
    }

    private async Task ReopenAsync()
    {
        await CloseAsync(Store);
        _store = await OpenAsync();
    }

    private static Document Job(string id, string body = "{}", string partition = "job") => new(partition, id, Encoding.UTF8.GetBytes(body));

    private async Task<string> CreateAsync(Document document) =>
        await Store.CreateAsync(State, document, Cancellation) ?? throw new InvalidOperationException("There is one already.");

    private async Task<string?> NumberAsync(string id, string partition = "job") =>
        await Store.ReadAsync(State, partition, id, Cancellation) is { } found ? NumberOf(found) : null;

    private static string NumberOf(StoredDocument document)
    {
        using var body = JsonDocument.Parse(document.Body);
        return body.RootElement.GetProperty("n").GetRawText();
    }

    [Fact]
    public async Task A_document_comes_back_as_it_was_written()
    {
        const string body = """ { "n" : [1, {"deep": "ä\u0000漢😀\"\\"}], "dueAt": "2026-01-01T00:00:00.000Z", "nothing": null, "t": true } """;
        var etag = await CreateAsync(Job("1", body));

        var found = await Store.ReadAsync(State, "job", "1", Cancellation);

        Assert.NotNull(found);
        Assert.Equal(("job", "1", etag), (found.Partition, found.Id, found.ETag));
        using var written = JsonDocument.Parse(body);
        using var read = JsonDocument.Parse(found.Body);
        Assert.All(
            written.RootElement.EnumerateObject(),
            property => Assert.True(JsonElement.DeepEquals(property.Value, read.RootElement.GetProperty(property.Name))));
    }

    [Fact]
    public async Task What_is_there_is_not_created_again()
    {
        await CreateAsync(Job("1", """{"n":1}"""));

        Assert.Null(await Store.CreateAsync(State, Job("1", """{"n":2}"""), Cancellation));
        Assert.Equal("1", await NumberAsync("1"));
    }

    [Fact]
    public async Task One_id_in_different_partitions_and_containers_is_different_documents()
    {
        await CreateAsync(Job("1", """{"n":1}""", "a"));
        await CreateAsync(Job("1", """{"n":2}""", "b"));
        Assert.NotNull(await Store.CreateAsync(DocumentContainer.Producers, Job("1", """{"n":3}""", "a"), Cancellation));

        Assert.True(await Store.DeleteAsync(State, "b", "1", null, Cancellation));
        Assert.Equal("1", await NumberAsync("1", "a"));
        Assert.Null(await NumberAsync("1", "b"));
        Assert.Equal("3", NumberOf((await Store.ReadAsync(DocumentContainer.Producers, "a", "1", Cancellation))!));
    }

    [Fact]
    public async Task A_replacement_needs_the_etag_that_the_document_has()
    {
        var first = await CreateAsync(Job("1", """{"n":1}"""));

        var second = await Store.ReplaceAsync(State, Job("1", """{"n":2}"""), first, Cancellation);

        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Equal(second, (await Store.ReadAsync(State, "job", "1", Cancellation))?.ETag);
        Assert.Null(await Store.ReplaceAsync(State, Job("1", """{"n":3}"""), first, Cancellation));
        Assert.Null(await Store.ReplaceAsync(State, Job("2", """{"n":3}"""), second, Cancellation));
        Assert.Null(await Store.ReplaceAsync(State, Job("1", """{"n":3}"""), "\"no etag\"", Cancellation));
        Assert.Equal("2", await NumberAsync("1"));
    }

    [Fact]
    public async Task An_upsert_writes_whatever_is_there_and_changes_the_etag()
    {
        await Store.UpsertAsync(State, Job("1", """{"n":1}"""), Cancellation);
        var first = (await Store.ReadAsync(State, "job", "1", Cancellation))!.ETag;
        await Store.UpsertAsync(State, Job("1", """{"n":2}"""), Cancellation);

        Assert.Equal("2", await NumberAsync("1"));
        Assert.Null(await Store.ReplaceAsync(State, Job("1", """{"n":3}"""), first, Cancellation));
    }

    [Fact]
    public async Task A_deletion_with_an_etag_takes_only_what_has_not_changed()
    {
        var first = await CreateAsync(Job("1", """{"n":1}"""));
        var second = await Store.ReplaceAsync(State, Job("1", """{"n":2}"""), first, Cancellation);

        Assert.False(await Store.DeleteAsync(State, "job", "1", first, Cancellation));
        Assert.False(await Store.DeleteAsync(State, "job", "1", "no etag", Cancellation));
        Assert.True(await Store.DeleteAsync(State, "job", "1", second, Cancellation));
        Assert.False(await Store.DeleteAsync(State, "job", "1", second, Cancellation));
        Assert.False(await Store.DeleteAsync(State, "job", "1", null, Cancellation));
    }

    [Fact]
    public async Task A_document_that_was_deleted_and_created_again_has_another_etag()
    {
        var first = await CreateAsync(Job("1"));
        await Store.DeleteAsync(State, "job", "1", null, Cancellation);
        await ReopenAsync();
        await CreateAsync(Job("1"));

        Assert.Null(await Store.ReplaceAsync(State, Job("1", """{"n":1}"""), first, Cancellation));
    }

    [Fact]
    public async Task Of_concurrent_creates_exactly_one_wins()
    {
        var etags = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => Store.CreateAsync(State, Job("1", $$"""{"n":{{i}}}"""), Cancellation))));

        var winner = Assert.Single(Enumerable.Range(0, 30), i => etags[i] is not null);
        Assert.Equal($"{winner}", await NumberAsync("1"));
    }

    [Fact]
    public async Task Of_concurrent_replacements_exactly_one_wins()
    {
        var first = await CreateAsync(Job("1"));

        var etags = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(i => Task.Run(() => Store.ReplaceAsync(State, Job("1", $$"""{"n":{{i}}}"""), first, Cancellation))));

        var winner = Assert.Single(Enumerable.Range(0, 30), i => etags[i] is not null);
        Assert.Equal($"{winner}", await NumberAsync("1"));
        Assert.Equal(etags[winner], (await Store.ReadAsync(State, "job", "1", Cancellation))?.ETag);
    }

    [Fact]
    public async Task Of_concurrent_deletions_exactly_one_wins()
    {
        var etag = await CreateAsync(Job("1"));

        var deleted = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => Store.DeleteAsync(State, "job", "1", etag, Cancellation))));

        Assert.Single(deleted, true);
    }

    [Fact]
    public async Task A_counter_that_many_replace_at_once_loses_nothing()
    {
        await CreateAsync(Job("1", """{"n":0}"""));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var found = (await Store.ReadAsync(State, "job", "1", Cancellation))!;
                if (await Store.ReplaceAsync(State, Job("1", $$"""{"n":{{int.Parse(NumberOf(found)) + 1}}}"""), found.ETag, Cancellation) is not null)
                {
                    return;
                }
            }
        })));

        Assert.Equal("10", await NumberAsync("1"));
    }

    public static TheoryData<string> OddPartitions =>
    [
        "", "a/b\\c?d#e%20%", ".", " leading and trailing ", "\"quoted\" 'quoted'", "ä", "a\u0308", "漢字😀", new string('x', 1_024), "'; DROP TABLE state; --", "\u0001",
    ];

    [Theory]
    [MemberData(nameof(OddPartitions))]
    public async Task A_partition_may_hold_any_character(string partition)
    {
        await CreateAsync(Job("1", """{"n":1}""", partition));

        Assert.Equal("1", await NumberAsync("1", partition));
        Assert.Single((await Store.QueryAsync(new DocumentQuery(State) { Partition = partition }, Cancellation)).Items);
        Assert.Null(await Store.CreateAsync(State, Job("1", "{}", partition), Cancellation));
        Assert.True(await Store.DeleteAsync(State, partition, "1", null, Cancellation));
    }

    [Theory]
    [InlineData("a b~.'()=&+:@|")]
    [InlineData("漢字😀")]
    public async Task An_id_may_hold_more_than_letters(string id)
    {
        await CreateAsync(Job(id, """{"n":1}"""));

        Assert.Equal("1", await NumberAsync(id));
        Assert.Equal(id, Assert.Single((await Store.QueryAsync(new DocumentQuery(State) { Partition = "job" }, Cancellation)).Items).Id);
    }

    public static TheoryData<string, string> WrongDocuments => new()
    {
        { "a/b", "{}" },
        { "", "{}" },
        { new string('x', 256), "{}" },
        { "1", "" },
        { "1", "[]" },
        { "1", "{" },
        { "1", "{} {}" },
        { "1", """{"id":"2"}""" },
        { "1", """{"ttl":5}""" },
        { "1", """{"kind":"other"}""" },
        { "1", """{"_etag":"x"}""" },
        { "1", """{"dueAt":5}""" },
    };

    [Theory]
    [MemberData(nameof(WrongDocuments))]
    public async Task A_document_that_no_store_can_keep_is_refused(string id, string body)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.CreateAsync(State, Job(id, body), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.UpsertAsync(State, Job(id, body), Cancellation));

        Assert.Empty((await Store.QueryAsync(new DocumentQuery(State) { Partition = "job" }, Cancellation)).Items);
    }

    [Fact]
    public async Task A_document_may_have_as_many_bytes_as_is_said_and_no_more()
    {
        var room = DocumentFields.MaxBodyBytes - """{"n":1,"x":""}""".Length;
        await CreateAsync(Job("1", $$"""{"n":1,"x":"{{new string('x', room)}}"}"""));

        Assert.Equal("1", await NumberAsync("1"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CreateAsync(Job("2", $$"""{"n":1,"x":"{{new string('x', room + 1)}}"}""")));
    }

    [Fact]
    public async Task What_has_outlived_its_time_is_gone_and_its_place_is_free()
    {
        var etag = await CreateAsync(Job("1", """{"n":1,"dueAt":"1"}""") with { TimeToLive = TimeSpan.FromSeconds(2) });
        await CreateAsync(Job("2", """{"n":2,"dueAt":"2"}""") with { TimeToLive = TimeSpan.FromHours(1) });
        Assert.Equal("1", await NumberAsync("1"));

        await PassAsync(TimeSpan.FromSeconds(3));

        Assert.Null(await NumberAsync("1"));
        Assert.Equal("2", Assert.Single((await Store.QueryAsync(new DocumentQuery(State) { OrderBy = "dueAt" }, Cancellation)).Items).Id);
        Assert.Null(await Store.ReplaceAsync(State, Job("1"), etag, Cancellation));
        Assert.False(await Store.DeleteAsync(State, "job", "1", null, Cancellation));
        await CreateAsync(Job("1", """{"n":3}"""));
        await PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("3", await NumberAsync("1"));
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var etag = await CreateAsync(Job("1", """{"n":1}"""));

        await ReopenAsync();

        Assert.Equal(etag, (await Store.ReadAsync(State, "job", "1", Cancellation))?.ETag);
        Assert.NotNull(await Store.ReplaceAsync(State, Job("1"), etag, Cancellation));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        Func<Task>[] calls =
        [
            () => Store.ReadAsync(State, "job", "1", cancelled),
            () => Store.CreateAsync(State, Job("1"), cancelled),
            () => Store.ReplaceAsync(State, Job("1"), "1", cancelled),
            () => Store.UpsertAsync(State, Job("1"), cancelled),
            () => Store.DeleteAsync(State, "job", "1", null, cancelled),
            () => Store.QueryAsync(new DocumentQuery(State) { Partition = "job" }, cancelled),
        ];

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }

        Assert.Null(await NumberAsync("1"));
    }
}
