using EventFunctions.Enrichment;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Streams;

/// <summary>
/// The enriched events as a feed, in the order in which the store has the latest changes of their records. Each comes at
/// least once, and the same each time; where a later run is completed, only that run's, and where a later run fails, still the
/// one before.
/// </summary>
public sealed class EventFeed(
    IEventStore store, ChangeHub hub, TimeProvider time, IOptions<StreamOptions> options, IOptions<EnrichmentOptions> enrichment)
{
    /// <summary>The longest that a feed may be asked to wait.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    // What passes by is no event of the feed, however long it goes on: the reader comes again from where this ended.
    private static readonly TimeSpan ScanTime = TimeSpan.FromSeconds(5);

    private const int MaxConcurrentReads = 16;

    // Each holds a page of records and one of events.
    private const int MaxConcurrentPages = 8;

    private readonly StreamOptions _options = options.Value;
    private readonly Gate _reading = new(MaxConcurrentPages);

    /// <summary>Reads a page.</summary>
    /// <param name="query">Which events.</param>
    /// <param name="cursor">The store's cursor of the page before; null begins with the oldest.</param>
    /// <param name="wait">How long to wait where nothing is new.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The cursor is not one that the store gave.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<EventFeedPage> ReadAsync(EventFeedQuery query, string? cursor, TimeSpan wait, CancellationToken cancellationToken)
    {
        // Where there is no place to wait in, the answer comes at once.
        using var place = wait > TimeSpan.Zero ? hub.TryOpen() : null;
        if (place is null)
        {
            return (await ReadOnAsync(query, cursor, cancellationToken)).Page;
        }

        using var over = new CancellationTokenSource(wait, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        while (true)
        {
            await hub.StartAsync(cancellationToken);
            var head = hub.Head;
            var (page, isAtEnd) = await ReadOnAsync(query, cursor, cancellationToken);
            if (page.Events.Count > 0 || !isAtEnd || head is not { Number: var number } || !await ComesAsync(query, number, waiting.Token))
            {
                cancellationToken.ThrowIfCancellationRequested();
                return page;
            }

            cursor = page.Cursor;
        }
    }

    // Whether something of the feed may have come, before the time is over.
    private async Task<bool> ComesAsync(EventFeedQuery query, long number, CancellationToken waiting)
    {
        try
        {
            while (await hub.ReadAsync(number++, waiting) is { } page)
            {
                if (page.Items.Any(item => query.Wants(item.Record)))
                {
                    return true;
                }
            }

            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<(EventFeedPage Page, bool IsAtEnd)> ReadOnAsync(EventFeedQuery query, string? cursor, CancellationToken cancellationToken)
    {
        await _reading.EnterAsync(cancellationToken);
        try
        {
            return await ReadPageAsync(query, cursor, cancellationToken);
        }
        finally
        {
            _reading.Leave();
        }
    }

    private async Task<(EventFeedPage Page, bool IsAtEnd)> ReadPageAsync(EventFeedQuery query, string? cursor, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        for (var limit = _options.PageSize; ;)
        {
            var page = await store.ReadChangesAsync(cursor, limit, cancellationToken);
            if (page.Items.Count == 0)
            {
                return (new EventFeedPage([], page.Cursor), true);
            }

            var (events, fitting) = await EncodeAsync(query, page.Items, cancellationToken);
            if (fitting < page.Items.Count && page.Items.Count > 1)
            {
                // A cursor stands behind whole pages only, so that a smaller one has to be asked for.
                limit = Math.Max(1, Math.Min(fitting, page.Items.Count / 2));
                continue;
            }

            cursor = page.Cursor;
            if (events.Count > 0 || time.GetElapsedTime(begun) > ScanTime)
            {
                return (new EventFeedPage(events, cursor), false);
            }
        }
    }

    // The events of some records, and how many of the records there was room for.
    private async Task<(List<ReadOnlyMemory<byte>> Events, int Fitting)> EncodeAsync(
        EventFeedQuery query, IReadOnlyList<EventRecord> records, CancellationToken cancellationToken)
    {
        List<ReadOnlyMemory<byte>> events = [];
        long bytes = 0;
        var wanted = records.Index().Where(record => query.Wants(record.Item)).ToList();
        for (var read = 0; read < wanted.Count;)
        {
            // How large the next are shows in those before: few at once where they are large.
            var room = events.Count == 0 ? 1 : (_options.FeedPageBytes - bytes) / Math.Max(1, bytes / events.Count);
            var chunk = wanted.Skip(read).Take((int)Math.Clamp(room, 1, MaxConcurrentReads)).ToList();
            read += chunk.Count;
            var encoded = await Task.WhenAll(chunk.Select(record => EncodeAsync(query, record.Item, cancellationToken)));
            foreach (var (one, (index, _)) in encoded.Zip(chunk))
            {
                bytes += one?.Length ?? 0;
                if (bytes > _options.FeedPageBytes && events.Count > 0)
                {
                    return (events, index);
                }

                if (one is { } json)
                {
                    events.Add(json);
                }
            }
        }

        return (events, records.Count);
    }

    private async Task<ReadOnlyMemory<byte>?> EncodeAsync(EventFeedQuery query, EventRecord record, CancellationToken cancellationToken)
    {
        if (query.Thin)
        {
            // As at first, so that whoever knows the event from before a replay finds it the same.
            return EventEncoder.Encode(record.PublishedIn(0) with { Data = null, DataContentType = null, DataRef = enrichment.Value.DataCall(record.Key).OriginalString }, run: 0);
        }

        var data = EventFeedQuery.RunOf(record) is { } run ? await store.ReadDataAsync(record, run, cancellationToken) : null;
        return data is { Erased: false } ? EventEncoder.EncodeEnriched(data, enrichment.Value.DataCall(data.Key, data.Run)) : (ReadOnlyMemory<byte>?)null;
    }
}

/// <summary>Which events a feed has.</summary>
/// <param name="Filter">Which records.</param>
/// <param name="Thin">Whether as their producers sent them, with a reference to the full data here in place of data; else enriched.</param>
public sealed record EventFeedQuery(EventFilter Filter, bool Thin)
{
    /// <summary>
    /// Returns the run whose event the feed has: the current one if it completed with full data; if it failed, the newest one that
    /// completed, so that a reader does not miss an event because of a replay. Null if there is none yet.
    /// </summary>
    /// <param name="record">The record.</param>
    public static int? RunOf(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record switch
        {
            { Erased: true } => null,
            { Status: EventStatus.Completed, Reason: null } => record.Run,
            { Status: EventStatus.Failed or EventStatus.DeadLettered, Run: > 0 } => record.EnrichedRun,
            _ => null,
        };
    }

    /// <summary>Whether a record has an event of the feed, and passes the filter.</summary>
    /// <param name="record">The record.</param>
    public bool Wants(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return RunOf(record) is not null && Filter.Matches(record);
    }
}

/// <summary>A page of a feed.</summary>
/// <param name="Events">Structured CloudEvents in JSON.</param>
/// <param name="Cursor">The store's cursor that leads on.</param>
public sealed record EventFeedPage(IReadOnlyList<ReadOnlyMemory<byte>> Events, string Cursor);
