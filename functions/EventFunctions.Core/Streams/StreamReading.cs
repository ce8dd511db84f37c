using System.Runtime.CompilerServices;
using EventFunctions.Storage;

namespace EventFunctions.Streams;

/// <summary>
/// Reads changes for one reader: missed changes from the store, page by page, then the pages that all streams share. Every change after its
/// cursor is read, some of them twice at the transition.
/// </summary>
public sealed class StreamReading : IDisposable
{
    private readonly IEventStore _store;
    private readonly ChangeHub _hub;
    private readonly IDisposable _place;
    private readonly TimeProvider _time;
    private readonly StreamOptions _options;
    private ChangePage? _missed;
    private long? _number;
    private bool _hasTurn;

    internal StreamReading(IEventStore store, ChangeHub hub, IDisposable place, TimeProvider time, StreamOptions options) =>
        (_store, _hub, _place, _time, _options) = (store, hub, place, time, options);

    /// <summary>The store's cursor that it began from.</summary>
    public string Start { get; private set; } = "";

    /// <summary>Whether the pages that all streams share went on without this reader.</summary>
    public bool HasFallenBehind { get; private set; }

    /// <summary>Returns pages until the reader falls behind the shared pages, or the store fails.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<SharedPage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = Start;
        while (_missed is { } missed)
        {
            if (missed.Items.Count > 0)
            {
                yield return SharedPage.Of(cursor, missed);
            }

            _missed = null;
            GiveTurn();
            cursor = missed.Cursor;
            if (_number is not null || (_number = Find(cursor)) is not null)
            {
                break;
            }

            // Others change the store faster than it shows its end: no reason to ask without pause.
            if (missed.Items.Count < _options.PageSize && !missed.IsCut)
            {
                await Task.Delay(_options.PollEvery, _time, cancellationToken);
            }

            if (await TryReadMissedAsync(cursor, cancellationToken) is not { } next)
            {
                yield break;
            }

            _missed = next;
        }

        for (var number = _number!.Value; await _hub.ReadAsync(number, cancellationToken) is { } page; number++)
        {
            yield return page;
        }

        HasFallenBehind = true;
    }

    /// <summary>Gives the reader's place back.</summary>
    public void Dispose()
    {
        GiveTurn();
        _place.Dispose();
    }

    internal async Task BeginAsync(string? cursor, CancellationToken cancellationToken)
    {
        await _hub.StartAsync(cancellationToken);
        if (cursor is null)
        {
            (_number, Start) = _hub.Head ?? throw new StoreUnavailableException("Changes can no longer be read.");
            return;
        }

        Start = cursor;
        _number = Find(cursor);
        _missed = _number is null ? await ReadMissedAsync(cursor, cancellationToken) : null;
    }

    private long? Find(string cursor) => _hub.TryFind(cursor, out var number) ? number : null;

    // Where the store has nothing more, all that was shared until before it was asked has been read.
    private async Task<ChangePage> ReadMissedAsync(string cursor, CancellationToken cancellationToken)
    {
        await _hub.CatchingUp.EnterAsync(cancellationToken);
        _hasTurn = true;
        try
        {
            await _hub.StartAsync(cancellationToken);
            var head = _hub.Head;
            var page = await _store.ReadChangesAsync(cursor, _options.PageSize, cancellationToken);
            if (page.Items.Count == 0)
            {
                _number = head?.Number;
                GiveTurn();
            }
            else
            {
                _number = null;
            }

            return page;
        }
        catch
        {
            GiveTurn();
            throw;
        }
    }

    private void GiveTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            _hub.CatchingUp.Leave();
        }
    }

    private async Task<ChangePage?> TryReadMissedAsync(string cursor, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadMissedAsync(cursor, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }
}
