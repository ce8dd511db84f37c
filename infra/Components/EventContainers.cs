namespace EventFunctions.Infra.Components;

/// <summary>A container of the store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PartitionKey">The path that items are partitioned by.</param>
/// <param name="Indexed">The properties that are indexed.</param>
internal sealed record EventContainer(string Name, string PartitionKey, params IReadOnlyList<string> Indexed)
{
    /// <summary>The indexes over several properties: each a list of properties, those that begin with <c>-</c> descending.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Composite { get; init; } = [];

    /// <summary>All containers of the store, as the service expects them.</summary>
    public static IReadOnlyList<EventContainer> All { get; } =
    [
        new("events", "/eventId", "kind", "eventId", "status", "source", "type", "subject", "entityId", "reason", "recordedAt", "relayAt")
        {
            Composite = [["-recordedAt", "eventId"]],
        },
        new("entities", "/entityId", "kind", "source", "producer", "time", "recordedAt")
        {
            Composite = [["time", "id", "entityId"], ["recordedAt", "id", "entityId"]],
        },
        new("producers", "/name", "kind") { Composite = [["kind", "id", "name"]] },
        new("state", "/kind", "kind", "dueAt", "refusedAt") { Composite = [["dueAt", "id", "kind"], ["refusedAt", "id", "kind"]] },
        new("webhooks", "/name", "status", "dueAt", "eventId") { Composite = [["status", "id", "name"], ["dueAt", "id", "name"]] },
        new("deliveries", "/webhook", "status", "dueAt", "eventId", "createdAt", "lostSince")
        {
            Composite = [["dueAt", "id", "webhook"], ["createdAt", "id", "webhook"], ["lostSince", "id", "webhook"]],
        },
    ];
}
