using System.Globalization;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Writes one subscription's dead letters to its container: those that are due together in one blob, named as the service names it
/// (<c>SUBSCRIPTION/2026/8/8/5/&lt;guid&gt;.json</c>, no leading zeros, UTC). They wait on disk until the blob is written. After four hours
/// of failure they are dropped, as by the service.
/// </summary>
internal sealed class DeadLetterQueue(Dispatcher dispatcher, DispatcherContext context) : IDisposable
{
    private const int MaxLetters = 100;
    private const int MaxBlobBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(4);

    private readonly SemaphoreSlim _writing = new(1);
    private TaskCompletionSource _wake = NewWake();
    private DeliveryReader? _reader;
    private long _written;
    private long _dropped;

    /// <summary>Dead letters written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Dead letters given up.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>There is a new dead letter on disk.</summary>
    public void Wake() => Volatile.Read(ref _wake).TrySetResult();

    /// <summary>Completes when the blob that is being written, if any, is.</summary>
    public async Task WrittenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        _writing.Release();
    }

    /// <summary>Writes dead letters until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _wake, NewWake());
            var wait = await TryRunOnceAsync(cancellationToken);
            try
            {
                await _wake.Task.WaitAsync(wait, context.Time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Something is due, or it is time for another try.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _writing.Dispose();
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // How long until there is something to do.
    private async Task<TimeSpan> TryRunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            _reader ??= context.Store.OpenReader(dispatcher.Id);
            while (await WriteBlobAsync(_reader, cancellationToken))
            {
            }

            return _reader.ReadNextDue(DeliveryState.Dead, context.Time.GetUtcNow()) is { } due
                ? TimeSpan.FromTicks(Math.Clamp((due - context.Time.GetUtcNow()).Ticks, 0, TimeSpan.TicksPerDay))
                : Timeout.InfiniteTimeSpan;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            context.Logger.LogWarning(
                e,
                "Cannot write dead letters of subscription {Subscription} to container {Container}; retrying.",
                dispatcher.Subscription.Name,
                dispatcher.Subscription.DeadLetterContainer);
            return context.Options.DeadLetterRetryInterval;
        }
        catch
        {
            return TimeSpan.Zero;
        }
    }

    // False where nothing is due.
    private async Task<bool> WriteBlobAsync(DeliveryReader reader, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await WriteDueAsync(reader, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<bool> WriteDueAsync(DeliveryReader reader, CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var letters = ReadDue(reader, now);
        if (letters.Count == 0)
        {
            return false;
        }

        var subscription = dispatcher.Subscription;
        if (subscription.DeadLetterContainer is not { } container)
        {
            // The configuration has changed since they died.
            await DropAsync(letters, null);
            return true;
        }

        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{subscription.Name.ToUpperInvariant()}/{now.Year}/{now.Month}/{now.Day}/{now.Hour}/{Guid.NewGuid()}.json");
        var blob = EventFormat.RenderArray(letters.Select(letter => EventFormat.RenderDeadLetter(subscription, letter)));
        try
        {
            await context.DeadLetters.WriteAsync(container, name, blob, cancellationToken);
            await RemoveAsync(letters);
            Interlocked.Add(ref _written, letters.Count);
        }
        catch (Exception e) when (e is not (OperationCanceledException or EventGridUnavailableException) && letters[0].DueAt + Patience <= now)
        {
            await DropAsync(letters.FindAll(letter => letter.DueAt + Patience <= now), e);
        }

        return true;
    }

    private static List<TopicDelivery> ReadDue(DeliveryReader reader, DateTimeOffset now)
    {
        List<TopicDelivery> letters = [];
        var bytes = 0;
        foreach (var letter in reader.ReadDue(DeliveryState.Dead, now, MaxLetters).Select(reader.Read).OfType<TopicDelivery>())
        {
            bytes += letter.Body.Length;
            if (letters.Count > 0 && bytes > MaxBlobBytes)
            {
                break;
            }

            letters.Add(letter);
        }

        return letters;
    }

    private async Task DropAsync(List<TopicDelivery> letters, Exception? reason)
    {
        context.Logger.LogError(
            reason,
            "Dropped {Count} dead letters of subscription {Subscription}: it has no dead-letter container.",
            letters.Count,
            dispatcher.Subscription.Name);
        await RemoveAsync(letters);
        Interlocked.Add(ref _dropped, letters.Count);
    }

    private Task RemoveAsync(List<TopicDelivery> letters) =>
        context.Store.SettleNowAsync(letters.ConvertAll(letter => new Settlement(dispatcher, letter, null)));
}
