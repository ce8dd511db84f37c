using EventFunctions.Ports;
using Microsoft.Extensions.Options;

namespace EventFunctions.Publication;

/// <summary>How publications are sent.</summary>
public sealed record PublicationOptions
{
    /// <summary>How many requests to the topic may be on their way at once; what arrives meanwhile waits and goes together.</summary>
    public int MaxConcurrentRequests { get; init; } = 4;

    /// <summary>The most events in one request.</summary>
    public int MaxEventsPerRequest { get; init; } = 1_000;

    /// <summary>How long one request may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// Publishes together what waits together: an event that finds a free place leaves at once and alone; those that come
/// while all places are taken leave in one request when a place is free again. A request that the topic rejects is split
/// down to the events that are at fault, so that none of them holds up another.
/// </summary>
public sealed class CoalescingPublisher(IEventPublisher publisher, TimeProvider time, IOptions<PublicationOptions> options)
{
    private readonly PublicationOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly Queue<Publication> _waiting = new();
    private int _requests;

    /// <summary>Publishes one event. Cancelling ends the wait, not the publication.</summary>
    /// <param name="encoded">A structured CloudEvent in JSON that <see cref="EventEncoder.Fits"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PublishException">The topic did not take this event.</exception>
    public Task PublishAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        var publication = new Publication(encoded);
        lock (_lock)
        {
            _waiting.Enqueue(publication);
            if (_requests == _options.MaxConcurrentRequests)
            {
                return publication.Done.Task.WaitAsync(cancellationToken);
            }

            _requests++;
        }

        _ = SendWhatWaitsAsync();
        return publication.Done.Task.WaitAsync(cancellationToken);
    }

    private async Task SendWhatWaitsAsync()
    {
        while (TakeBatch() is { } batch)
        {
            await SendAsync(batch);
        }
    }

    // Null gives the place back.
    private List<Publication>? TakeBatch()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _requests--;
                return null;
            }

            var batch = new List<Publication>(Math.Min(_waiting.Count, _options.MaxEventsPerRequest));
            var bytes = 1;
            while (_waiting.TryPeek(out var next) && batch.Count < _options.MaxEventsPerRequest
                && (batch.Count == 0 || bytes + next.Encoded.Length + 1 <= IEventPublisher.MaxBytes))
            {
                bytes += next.Encoded.Length + 1;
                batch.Add(_waiting.Dequeue());
            }

            return batch;
        }
    }

    private async Task SendAsync(List<Publication> batch)
    {
        try
        {
            using var timeout = new CancellationTokenSource(_options.RequestTimeout, time);
            await publisher.PublishAsync(batch.ConvertAll(p => p.Encoded), timeout.Token);
            batch.ForEach(p => p.Done.TrySetResult());
        }
        catch (PublishException e) when (e.Failure == PublishFailure.Rejected && batch.Count > 1)
        {
            var half = batch.Count / 2;
            await SendAsync(batch[..half]);
            await SendAsync(batch[half..]);
        }
        catch (PublishException e)
        {
            batch.ForEach(p => p.Done.TrySetException(e));
        }
        catch (OperationCanceledException e)
        {
            var timedOut = new PublishException(PublishFailure.Unavailable, $"No answer from the topic within {_options.RequestTimeout}.", e);
            batch.ForEach(p => p.Done.TrySetException(timedOut));
        }
        catch (Exception e)
        {
            batch.ForEach(p => p.Done.TrySetException(e));
        }
    }

    private sealed record Publication(ReadOnlyMemory<byte> Encoded)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
