using EventFunctions.Storage;

namespace EventFunctions.Cli.Costs;

/// <summary>The request units of the store, by the charges that the tests hold.</summary>
internal static class StoreUsage
{
    // Two of the relay, three of deliveries, one of jobs.
    private const int QueriesOfTick = 6;

    /// <summary>What an event costs, without its deliveries. One with an entity compares its data with the event before, unless that data is its own.</summary>
    public static IReadOnlyList<StoreCharge> OfEvent(bool ownData, bool entities) =>
    [
        StoreCharges.CreateRecord,
        StoreCharges.Read,
        .. ownData ? Array.Empty<StoreCharge>() : [StoreCharges.CreateData],
        .. entities && !ownData ? [StoreCharges.Query] : Array.Empty<StoreCharge>(),
        .. entities ? [StoreCharges.CreateDocument] : Array.Empty<StoreCharge>(),
        StoreCharges.PatchRecord,
    ];

    /// <summary>What a delivery costs. One from the queue reads itself, its record, and the data unless the record has it.</summary>
    public static IReadOnlyList<StoreCharge> OfDelivery(bool queued, bool ownData) =>
    [
        StoreCharges.CreateDocument,
        .. queued ? [StoreCharges.Read, StoreCharges.Read] : Array.Empty<StoreCharge>(),
        .. queued && !ownData ? [StoreCharges.Read] : Array.Empty<StoreCharge>(),
        StoreCharges.ReplaceDocument,
    ];

    /// <summary>What a tick costs that finds nothing due, without feeds and expectations.</summary>
    public static IReadOnlyList<StoreCharge> OfTick => [StoreCharges.ReplaceDocument, .. Enumerable.Repeat(StoreCharges.QueryPartition, QueriesOfTick)];

    /// <summary>Returns the sum of charges.</summary>
    public static double Sum(IEnumerable<StoreCharge> charges) => charges.Sum(charge => charge.RequestUnits);
}
