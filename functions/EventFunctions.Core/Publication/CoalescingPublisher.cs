using System.Diagnostics;
using EventFunctions.Runtime;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Options;

namespace EventFunctions.Publication;

/// <summary>
/// Publishes waiting events together. An event that finds a free place leaves at once; others wait and leave in one request when a place is
/// free. A rejected request is split until only the events at fault fail.
/// </summary>
public sealed class CoalescingPublisher(
    IEventPublisher publisher, TimeProvider time, IOptions<PublicationOptions> options, TopicHealth health, EventMetrics metrics)
{
    private readonly PublicationOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly Queue<Publication> _waiting = new();
    private long _waitingBytes;
    private int _requests;

    /// <summary>The name of the topic that this publishes to.</summary>
    public string Topic => publisher.Topic;

    /// <summary>
    /// Publishes one event, in the trace of the current span. Cancelling withdraws an event that still waits for a place; one that is
    /// already in a request may still be published.
    /// </summary>
    /// <param name="encoded">A structured CloudEvent in JSON that <see cref="EventEncoder.Fits"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PublishException">The topic did not take this event.</exception>
    public Task PublishAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        var publication = new Publication(encoded, EventTracing.IsOn ? Activity.Current : null, cancellationToken);
        bool freePlace;
        lock (_lock)
        {
            if (_waiting.Count > 0 && _waitingBytes + encoded.Length > _options.MaxWaitingBytes)
            {
                return Task.FromException(new PublishException(
                    PublishFailure.Unavailable, $"The topic is too slow: {_waiting.Count} events are waiting."));
            }

            publication.WithdrawWhenCancelled();
            _waiting.Enqueue(publication);
            _waitingBytes += encoded.Length;
            freePlace = _requests < _options.MaxConcurrentRequests;
            if (freePlace)
            {
                _requests++;
            }
        }

        if (freePlace)
        {
            // Not on the caller's own flow: later requests carry other callers' events, and must not show up in the
            // trace of the first, or end its turn on its thread.
            BackgroundTask.StartDetached(static self => _ = self.SendWhatWaitsAsync(), this);
        }

        return publication.Done;
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
            var batch = new List<Publication>(Math.Min(_waiting.Count, _options.MaxEventsPerRequest));
            var bytes = 1;
            while (_waiting.TryPeek(out var next) && batch.Count < _options.MaxEventsPerRequest
                && (batch.Count == 0 || bytes + next.Encoded.Length + 1 <= IEventPublisher.MaxBytes))
            {
                _waitingBytes -= next.Encoded.Length;
                _waiting.Dequeue();

                // Whoever gave up waiting leaves the event to the relay: sent late, it would only be a copy more.
                if (!next.Withdrawn.IsCancellationRequested)
                {
                    bytes += next.Encoded.Length + 1;
                    batch.Add(next);
                }
            }

            if (batch.Count > 0)
            {
                return batch;
            }

            _requests--;
            return null;
        }
    }

    private async Task SendAsync(List<Publication> batch)
    {
        var span = EventTracing.IsOn ? EventTracing.Send(batch.ConvertAll(p => p.Span), publisher.Topic) : null;
        var started = time.GetTimestamp();
        PublishException? failure = null;
        try
        {
            using var timeout = new CancellationTokenSource(_options.RequestTimeout, time);
            await publisher.PublishAsync(batch.ConvertAll(p => p.Encoded), timeout.Token);
        }
        catch (PublishException e)
        {
            failure = e;
        }
        catch (OperationCanceledException e)
        {
            failure = new PublishException(PublishFailure.Unavailable, $"The topic did not respond within {_options.RequestTimeout}.", e);
        }
        catch (Exception e)
        {
            failure = new PublishException(PublishFailure.Unavailable, $"The publication failed: {e.GetType().Name}.", e);
        }

        Report(span, batch.Count, time.GetElapsedTime(started), failure);
        if (failure is null)
        {
            health.Responded();
            batch.ForEach(p => p.Succeed());
        }
        else if (failure.Failure == PublishFailure.Rejected && batch.Count > 1)
        {
            var half = batch.Count / 2;
            await SendAsync(batch[..half]);
            await SendAsync(batch[half..]);
        }
        else
        {
            Fail(batch, failure);
        }
    }

    private void Report(Activity? span, int events, TimeSpan duration, PublishException? failure)
    {
        var errorType = failure is null ? null : NameOf(failure.Failure);
        metrics.Sent(events, duration, errorType);
        if (errorType is not null)
        {
            EventTracing.Fail(span, errorType);
        }

        span?.Dispose();
    }

    private static string NameOf(PublishFailure failure) => failure switch
    {
        PublishFailure.Rejected => "rejected",
        PublishFailure.Denied => "denied",
        _ => "unavailable",
    };

    private void Fail(List<Publication> batch, PublishException e)
    {
        if (e.Failure == PublishFailure.Rejected)
        {
            health.Responded();
        }
        else
        {
            health.Failed(e);
        }

        batch.ForEach(p => p.Fail(e));
    }

    private sealed record Publication(ReadOnlyMemory<byte> Encoded, Activity? Span, CancellationToken Withdrawn)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration _withdrawal;

        public Task Done => _done.Task;

        public void WithdrawWhenCancelled() =>
            _withdrawal = Withdrawn.UnsafeRegister(static (self, token) => ((Publication)self!)._done.TrySetCanceled(token), this);

        public void Succeed()
        {
            _done.TrySetResult();
            _withdrawal.Unregister();
        }

        public void Fail(PublishException e)
        {
            _done.TrySetException(e);
            _withdrawal.Unregister();

            // Where the caller has gone nobody else will look at it, and it is no unobserved error of the process.
            _ = _done.Task.Exception;
        }
    }
}
