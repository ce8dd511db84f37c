using System.Collections.Immutable;

namespace EventFunctions.Local.EventGrid;

/// <summary>The dispatchers of all subscriptions, by topic.</summary>
internal sealed class DispatcherSet(ImmutableArray<Topic> topics, DispatcherContext context)
{
    private readonly Dictionary<string, ImmutableArray<Dispatcher>> _byTopic = topics.ToDictionary(
        topic => topic.Name,
        topic => topic.Subscriptions.Select(subscription => new Dispatcher(subscription, context)).ToImmutableArray(),
        StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public IEnumerable<Dispatcher> All => _byTopic.Values.SelectMany(dispatchers => dispatchers);

    /// <summary>Those whose subscription gets an event.</summary>
    public ImmutableArray<Dispatcher> Match(Topic topic, in GridEvent candidate, ReadOnlyMemory<byte> body)
    {
        var all = _byTopic[topic.Name];
        if (all.IsEmpty)
        {
            return all;
        }

        var takers = ImmutableArray.CreateBuilder<Dispatcher>(all.Length);
        foreach (var dispatcher in all)
        {
            if (dispatcher.Subscription.Filter.Match(candidate, body))
            {
                takers.Add(dispatcher);
            }
        }

        return takers.Count == all.Length ? all : takers.DrainToImmutable();
    }

    /// <summary>Hands on events that have just become durable.</summary>
    public static void Offer(List<PublishedEvent> events)
    {
        foreach (var published in events)
        {
            foreach (var taker in published.Takers)
            {
                taker.Offer(published);
            }
        }
    }
}
