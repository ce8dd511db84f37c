using System.Collections.Concurrent;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Stores;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace EventFunctions.Tests.Hosting;

public sealed class ChangeFeedRunnerTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Calls _calls = new();
    private SqliteEventStore _events;

    public ChangeFeedRunnerTests() => _events = Open();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_is_told_of_every_change_in_order_and_in_batches()
    {
        await CreateAsync("1", "2", "3");
        using var runner = await StartAsync<FromTheBeginning>();
        await SeenAsync("1", "2", "3");
        await CreateAsync("4");

        await SeenAsync("1", "2", "3", "4");
        Assert.All(_calls.Batches, batch => Assert.InRange(batch.Count, 1, 2));
        Assert.Equal("event", _calls.Batches.First()[0].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_function_that_never_ran_begins_with_what_comes_next_unless_it_asks_for_the_beginning()
    {
        await CreateAsync("1", "2", "3");
        using var runner = await StartAsync<FromNow>();
        await Poll.UntilAsync(async () => await CursorAsync("FromNow") is not null, () => "no cursor");
        await CreateAsync("4");

        await SeenAsync("4");
    }

    [Fact]
    public async Task A_function_goes_on_where_it_stopped()
    {
        await CreateAsync("1", "2", "3");
        using (var runner = await StartAsync<FromTheBeginning>())
        {
            await SeenAsync("1", "2", "3");
            await Poll.UntilAsync(async () => (await CursorAsync("feed-FromTheBeginning"))?.EndsWith(".3", StringComparison.Ordinal) == true, () => "no cursor");
            await runner.StopAsync(Cancellation);
        }

        await _events.DisposeAsync();
        _events = Open();
        _calls.Batches.Clear();
        await CreateAsync("4");
        using var next = await StartAsync<FromTheBeginning>();

        await SeenAsync("4");
    }

    [Fact]
    public async Task A_batch_that_was_broken_off_comes_again_after_a_restart()
    {
        await CreateAsync("1");
        _calls.Release = new TaskCompletionSource();
        using (var runner = await StartAsync<FromTheBeginning>())
        {
            await SeenAsync("1");
            await runner.StopAsync(Cancellation);
        }

        using var next = await StartAsync<FromTheBeginning>();

        await SeenAsync("1", "1");
    }

    [Fact]
    public async Task A_batch_that_fails_comes_again_until_it_succeeds_and_nothing_overtakes_it()
    {
        _calls.Failures = 5;
        await CreateAsync("1", "2", "3");
        using var runner = await StartAsync<FromTheBeginning>();

        await SeenAsync("1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "3");
    }

    [Theory]
    [InlineData(typeof(WithTwoRetries), "1", "2", "1", "2", "1", "2", "3")]
    [InlineData(typeof(WithoutRetries), "1", "2", "3")]
    public async Task Without_a_retry_policy_or_at_its_end_a_batch_is_passed_over(Type function, params string[] seen)
    {
        _calls.Failures = function == typeof(WithTwoRetries) ? 3 : 1;
        await CreateAsync("1", "2", "3");
        using var runner = await StartAsync(function);

        await SeenAsync(seen);
    }

    [Fact]
    public async Task A_cursor_of_another_store_begins_with_the_oldest_change()
    {
        await CreateAsync("1");
        await new SqliteDocumentStore(_events).UpsertAsync(
            DocumentContainer.State, new Document(ChangeFeedRunner.CursorPartition, "feed-FromTheBeginning", "{\"cursor\":\"other.99\"}"u8.ToArray()), Cancellation);
        using var runner = await StartAsync<FromTheBeginning>();

        await SeenAsync("1");
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_passed_over()
    {
        await CreateAsync("1", "2", "3");
        await UnreadableRecord.MakeAsync(_events.Database, StoreSamples.Record("2").Key);
        using var runner = await StartAsync<FromTheBeginning>();

        await SeenAsync("1", "3");
    }

    [Fact]
    public async Task Whatever_a_read_throws_the_runner_goes_on()
    {
        await CreateAsync("1");
        var failures = 2;
        var events = Substitute.For<IEventStore>();
        events.ReadChangesAsync(null, 0, Cancellation).ReturnsForAnyArgs(call =>
            failures-- > 0 ? throw new JsonException("not now") : _events.ReadChangesAsync(call.ArgAt<string?>(0), call.ArgAt<int>(1), Cancellation));
        using var runner = await StartAsync(typeof(FromTheBeginning), events);

        await SeenAsync("1");
    }

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync();
        _folder.Dispose();
    }

    private SqliteEventStore Open() => new(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), TimeProvider.System, TimeSpan.FromMinutes(1));

    private async Task CreateAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            await _events.CreateAsync([StoreSamples.Record(id)], Cancellation);
        }
    }

    private async Task<string?> CursorAsync(string id) =>
        await new SqliteDocumentStore(_events).ReadAsync(DocumentContainer.State, ChangeFeedRunner.CursorPartition, id, Cancellation) is { } found
            ? JsonElement.Parse(found.Body.Span).GetProperty("cursor").GetString()
            : null;

    private Task SeenAsync(params string[] ids) => Poll.UntilAsync(() => _calls.Ids.SequenceEqual(ids), () => string.Join(' ', _calls.Ids));

    private Task<ChangeFeedRunner> StartAsync<T>() => StartAsync(typeof(T));

    private async Task<ChangeFeedRunner> StartAsync(Type function, IEventStore? events = null)
    {
        var runner = new ChangeFeedRunner(
            FunctionCatalog.Find([function], TestServer.Settings()),
            events ?? _events,
            new SqliteDocumentStore(_events),
            new ServiceCollection().AddSingleton(_calls).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(),
            TimeProvider.System,
            NullLogger<ChangeFeedRunner>.Instance);
        await runner.StartAsync(Cancellation);
        return runner;
    }

    internal sealed class Calls
    {
        public ConcurrentQueue<IReadOnlyList<JsonElement>> Batches { get; } = [];

        public IEnumerable<string> Ids => Batches.SelectMany(batch => batch.Select(item => item.GetProperty("eventId").GetString()!));

        public int Failures { get; set; }

        public TaskCompletionSource? Release { get; set; }

        public Task TakeAsync(IReadOnlyList<JsonElement> batch, CancellationToken cancellationToken)
        {
            Batches.Enqueue(batch);
            if (Failures > 0)
            {
                Failures--;
                throw new InvalidOperationException("not now");
            }

            var release = Release;
            Release = null;
            return release?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
        }
    }

    internal sealed class FromTheBeginning(Calls calls)
    {
        [Function(nameof(FromTheBeginning))]
        [FixedDelayRetry(-1, "00:00:00.010")]
        public Task RunAsync(
            [CosmosDBTrigger("db", "events", LeaseContainerPrefix = "feed-", MaxItemsPerInvocation = 2, StartFromBeginning = true, FeedPollDelay = 10)]
            IReadOnlyList<JsonElement> changes,
            CancellationToken cancellationToken) => calls.TakeAsync(changes, cancellationToken);
    }

    internal sealed class FromNow(Calls calls)
    {
        [Function(nameof(FromNow))]
        public Task RunAsync([CosmosDBTrigger("db", "events", FeedPollDelay = 10)] IReadOnlyList<JsonElement> changes) => calls.TakeAsync(changes, default);
    }

    internal sealed class WithTwoRetries(Calls calls)
    {
        [Function(nameof(WithTwoRetries))]
        [FixedDelayRetry(2, "00:00:00.010")]
        public Task RunAsync(
            [CosmosDBTrigger("db", "events", MaxItemsPerInvocation = 2, StartFromBeginning = true, FeedPollDelay = 10)] IReadOnlyList<JsonElement> changes) =>
            calls.TakeAsync(changes, default);
    }

    internal sealed class WithoutRetries(Calls calls)
    {
        [Function(nameof(WithoutRetries))]
        public Task RunAsync(
            [CosmosDBTrigger("db", "events", MaxItemsPerInvocation = 2, StartFromBeginning = true, FeedPollDelay = 10)] IReadOnlyList<JsonElement> changes) =>
            calls.TakeAsync(changes, default);
    }
}
