using Azure;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using EventFunctions.Publication;

namespace EventFunctions.Azure;

/// <summary>Publishes to an Event Grid topic that takes CloudEvents 1.0, in batches of the CloudEvents JSON format.</summary>
internal sealed class EventGridPublisher(EventGridPublisherClient client, string topic) : IEventPublisher
{
    public string Topic => topic;

    public async Task PublishAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.SendEncodedCloudEventsAsync(Join(events), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Explain(e);
        }
    }

    // Not from a pool: an answer may come while the request is still being read from the buffer.
    private static ReadOnlyMemory<byte> Join(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var joined = GC.AllocateUninitializedArray<byte>(events.Sum(e => e.Length + 1) + 1);
        var at = 0;
        foreach (var encoded in events)
        {
            joined[at] = at == 0 ? (byte)'[' : (byte)',';
            at++;
            encoded.Span.CopyTo(joined.AsSpan(at));
            at += encoded.Length;
        }

        joined[at] = (byte)']';
        return joined;
    }

    private static PublishException Explain(Exception error) => error switch
    {
        RequestFailedException { Status: 400 or 413 } e => new(PublishFailure.Rejected, Describe(e), e),
        RequestFailedException { Status: 401 or 403 or 404 } e => new(PublishFailure.Denied, Describe(e), e),
        RequestFailedException { Status: > 0 } e => new(PublishFailure.Unavailable, Describe(e), e),
        AuthenticationFailedException e => new(PublishFailure.Denied, Identity.Missing, e),

        // After retries, one for each try; the last is what stands.
        AggregateException { InnerExceptions: [.., var last] } => Explain(last),
        _ => new(PublishFailure.Unavailable, "The topic cannot be reached.", error),
    };

    // The first line of the SDK's message is the topic's own; what follows repeats headers and content.
    private static string Describe(RequestFailedException e)
    {
        const int shown = 300;
        var message = e.Message.AsSpan();
        message = message[..(message.IndexOfAny('\r', '\n') is var end and >= 0 ? end : message.Length)];
        return $"The topic returned {e.Status}: {message[..Math.Min(message.Length, shown)]}";
    }
}
