using EventFunctions.Queries;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Streams;

/// <summary>
/// Asks the store for changes once for all streams of this instance, while there are any. The latest pages stand in a window
/// of bounded size that all read from, each at its own place: a reader that the window has passed is dropped, and nothing is
/// kept for it alone.
/// </summary>
public sealed class ChangeHub(IEventStore store, TimeProvider time, IOptions<StreamOptions> options, ILogger<ChangeHub> logger)
{
    private const int MaxCatchingUp = 8;

    private readonly StreamOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, SharedPage> _window = [];
    private TaskCompletionSource _news = NewSignal();
    private Polling? _polling;
    private int _open;
    private long _next;
    private long _bytes;

    /// <summary>The turns of readers that catch up: each holds a page of its own until it is written.</summary>
    internal Gate CatchingUp { get; } = new(MaxCatchingUp);

    /// <summary>How many readers there are.</summary>
    public int Open => Volatile.Read(ref _open);

    internal long HeldBytes => Volatile.Read(ref _bytes);

    /// <summary>Takes one of the places for readers.</summary>
    /// <returns>Gives the place back when disposed; null where none is left.</returns>
    public IDisposable? TryOpen()
    {
        lock (_lock)
        {
            return _open < _options.MaxOpen ? new Place(this) : null;
        }
    }

    /// <summary>Starts polling the store, unless it already runs. The caller holds a place.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_polling is null)
            {
                var polling = new Polling();
                _polling = polling;
                polling.Begun = BackgroundTask.Start(() => BeginAsync(polling));
            }

            return _polling.Begun.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The number that the next page will have, and the cursor that it will be read from; null where the store is not asked yet.</summary>
    public (long Number, string Cursor)? Head
    {
        get
        {
            lock (_lock)
            {
                return _polling is { Begun.IsCompletedSuccessfully: true } polling ? (_next, polling.Cursor) : null;
            }
        }
    }

    /// <summary>Finds the page that follows a cursor, there or yet to come, where the cursor is between two pages of the window.</summary>
    /// <param name="cursor">The store's cursor.</param>
    /// <param name="number">The page's number.</param>
    public bool TryFind(string cursor, out long number)
    {
        lock (_lock)
        {
            for (number = _next - _window.Count; number < _next; number++)
            {
                if (_window[number].From == cursor)
                {
                    return true;
                }
            }

            return _polling is { Begun.IsCompletedSuccessfully: true } polling && polling.Cursor == cursor;
        }
    }

    /// <summary>Waits for a page.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where the window has passed it: its reader has to begin again.</returns>
    public async ValueTask<SharedPage?> ReadAsync(long number, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (number < _next - _window.Count || _polling is null)
                {
                    return null;
                }

                if (number < _next)
                {
                    return _window[number];
                }

                news = _news.Task;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    private async Task BeginAsync(Polling polling)
    {
        try
        {
            using var budget = new CancellationTokenSource(EventLookup.Budget, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, polling.Stop.Token);
            polling.Cursor = await store.ReadNewestCursorAsync(either.Token);
            _ = BackgroundTask.Start(() => PollAsync(polling));
        }
        catch (OperationCanceledException e)
        {
            End(polling);
            throw new StoreUnavailableException($"The store did not respond within {EventLookup.Budget}.", e);
        }
        catch
        {
            End(polling);
            throw;
        }
    }

    private async Task PollAsync(Polling polling)
    {
        var pause = _options.PollEvery;
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, polling.Stop.Token);
                var page = await TryReadAsync(polling);
                if (page is { Items.Count: > 0 })
                {
                    Add(polling, SharedPage.Of(polling.Cursor, page));
                    pause = page.Items.Count < _options.PageSize && !page.IsCut ? _options.PollEvery : TimeSpan.Zero;
                    continue;
                }

                pause = TimeSpan.FromTicks(Math.Clamp(2 * pause.Ticks, _options.PollEvery.Ticks, Math.Max(_options.PollEvery.Ticks, _options.MaxPollEvery.Ticks)));
            }
        }
        catch (OperationCanceledException) when (polling.Stop.IsCancellationRequested)
        {
            // Nobody reads.
        }
        catch (Exception e)
        {
            logger.LogError(e, "Cannot read changes; streams will reconnect.");
        }
        finally
        {
            End(polling);
        }
    }

    private async Task<ChangePage?> TryReadAsync(Polling polling)
    {
        try
        {
            return await store.ReadChangesAsync(polling.Cursor, _options.PageSize, polling.Stop.Token);
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "Streams are waiting for the store.");
            return null;
        }
    }

    private void Add(Polling polling, SharedPage page)
    {
        lock (_lock)
        {
            if (_polling != polling)
            {
                return;
            }

            _window.Add(_next++, page);
            _bytes += page.Bytes;
            polling.Cursor = page.Cursor;

            // The newest page stays, however large: who waits for it shall see it.
            while (_bytes > _options.WindowBytes && _window.Count > 1)
            {
                _window.Remove(_next - _window.Count, out var oldest);
                _bytes -= oldest!.Bytes;
            }

            Signal();
        }
    }

    private void End(Polling polling)
    {
        lock (_lock)
        {
            if (_polling == polling)
            {
                _polling = null;
                _window.Clear();
                _bytes = 0;

                // Readers of this polling wait for no page of the next.
                _next++;
                Signal();
            }
        }
    }

    private void Signal()
    {
        var news = _news;
        _news = NewSignal();
        news.SetResult();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_open > 0 || _polling is not { } polling)
            {
                return;
            }

            End(polling);
            BackgroundTask.StartDetached(static stop => stop.Cancel(), polling.Stop);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Polling
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task Begun { get; set; } = null!;

        public string Cursor { get; set; } = "";
    }

    private sealed class Place : IDisposable
    {
        private ChangeHub? _hub;

        public Place(ChangeHub hub)
        {
            _hub = hub;
            hub._open++;
        }

        public void Dispose() => Interlocked.Exchange(ref _hub, null)?.Leave();
    }
}
