using System.Net;
using EventFunctions.Local.EventGrid;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Local.Hosting;

/// <summary>Publishes to the topic of the same host, in process.</summary>
internal sealed class OwnTopicPublisher(LocalEventGrid grid, RefusalLog refusals) : IEventPublisher
{
    /// <summary>What a refused publication is in the log.</summary>
    public const string Publication = "a publication to the local Event Grid";

    public string Topic => LocalSettings.TopicName;

    public async Task PublishAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        try
        {
            await grid.PublishAsync(Topic, events).WaitAsync(cancellationToken);
        }
        catch (RefusedPublicationException e)
        {
            refusals.Record(Publication, e.Message);
            throw new PublishException(PublishFailure.Rejected, Describe(e.Status, e), e);
        }
        catch (EventGridUnavailableException e)
        {
            throw new PublishException(PublishFailure.Unavailable, Describe(HttpStatusCode.ServiceUnavailable, e), e);
        }
    }

    private static string Describe(HttpStatusCode status, Exception e) => $"The topic returned {(int)status}: {e.Message}";
}
