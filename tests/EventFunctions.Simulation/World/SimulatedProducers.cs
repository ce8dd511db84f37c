using System.Globalization;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Simulation.World;

/// <summary>The producers' own systems: each fetch of the same data answers something else, and feeds grow.</summary>
internal sealed class SimulatedProducers(SimulatedWorld world)
{
    private const int PageSize = 5;

    private readonly List<EventNotification> _feed = [];
    private int _fetches;

    /// <summary>How many events of the feed are not accepted yet.</summary>
    public int Unread(Func<EventKey, bool> isAccepted) => _feed.Count(notification => !isAccepted(notification.Key));

    /// <summary>Adds an event to the feed.</summary>
    public void Offer(EventNotification notification)
    {
        _feed.Add(notification);
        world.Offered();
    }

    /// <summary>How many events of the feed come up to one.</summary>
    public int PlaceOf(string? id) => id is null ? 0 : _feed.FindIndex(notification => notification.Id == id) + 1;

    public bool IsAcceptedUpTo(int place, Func<EventKey, bool> isAccepted) => _feed.Take(place).All(notification => isAccepted(notification.Key));

    /// <summary>Answers with the data of a URL.</summary>
    public FetchedData Fetch(Uri url)
    {
        if (world.Faults.Strike(FaultKind.ProducerGone))
        {
            world.Judge.Refused(url);
            throw new FetchException(FailureReason.DataNotFound, permanent: true, "404");
        }

        if (world.Faults.Strike(FaultKind.Producer))
        {
            throw new FetchException(FailureReason.Timeout, permanent: false, "503");
        }

        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"path":"{{url.AbsolutePath}}","fetch":{{++_fetches}}}""");
        return new FetchedData(url, "application/json", null, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Answers with a page of the feed.</summary>
    public FeedResponse Read(Uri url)
    {
        if (world.Faults.Strike(FaultKind.Producer))
        {
            throw new FetchException(FailureReason.Timeout, permanent: false, "503");
        }

        var last = url.Query.Split('?', '&').FirstOrDefault(one => one.StartsWith("lastEventId=", StringComparison.Ordinal)) is { } parameter
            ? Uri.UnescapeDataString(parameter["lastEventId=".Length..])
            : null;
        var start = last is null ? 0 : _feed.FindIndex(notification => notification.Id == last) + 1;
        var page = string.Join(',', _feed.Skip(start).Take(PageSize).Select(notification => Encoding.UTF8.GetString(EventEncoder.Encode(notification, 0).Span)));
        return new FeedResponse(Encoding.UTF8.GetBytes("[" + page + "]"), "application/cloudevents-batch+json", null);
    }
}

/// <summary>The producers as one instance reaches them.</summary>
internal sealed class SimulatedProducerClient(SimulatedProducers producers, Network network, Instance caller) : IProducerClient, IFeedClient
{
    public Task<FetchedData> FetchAsync(Producer producer, Uri url, CancellationToken cancellationToken) =>
        CallAsync(producer, "fetch", url, () => producers.Fetch(url), static data => Encoding.UTF8.GetString(data.Body.Span), cancellationToken);

    public Task<FeedResponse> ReadAsync(Producer producer, Uri url, string? etag, int maxBytes, CancellationToken cancellationToken) =>
        CallAsync(producer, "read feed", url, () => producers.Read(url), static page => $"{page.Body?.Length} bytes", cancellationToken);

    // The real client ends a call with the producer's timeout.
    private async Task<T> CallAsync<T>(Producer producer, string operation, Uri url, Func<T> answer, Func<T, string> describe, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(producer.Data!.Timeout, caller.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var (result, failure) = await network.CallAsync<(T? Result, FetchException? Failure)>(
                caller,
                "producer",
                operation,
                url.PathAndQuery,
                () =>
                {
                    try
                    {
                        return (answer(), null);
                    }
                    catch (FetchException e)
                    {
                        return (default, e);
                    }
                },
                one => one.Failure?.Message ?? describe(one.Result!),
                static message => new FetchException(FailureReason.Timeout, permanent: false, message),
                either.Token);
            return failure is null ? result! : throw failure;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchException(FailureReason.Timeout, permanent: false, "The producer did not answer in time.", e);
        }
    }
}
