using System.Collections.Immutable;

namespace EventFunctions.Local.EventGrid;

/// <summary>A topic, checked and ready to be published to.</summary>
internal sealed record Topic
{
    public required string Name { get; init; }

    public required EventSchema InputSchema { get; init; }

    public required TopicAccess Access { get; init; }

    public required ImmutableArray<Subscription> Subscriptions { get; init; }

    /// <summary>What the service would call the topic; events in the Event Grid schema carry it.</summary>
    public string ResourceId => ResourceIdOf(Name);

    /// <summary>The resource ID of a topic that lives on this machine.</summary>
    public static string ResourceIdOf(string name) =>
        $"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/{name}";
}
