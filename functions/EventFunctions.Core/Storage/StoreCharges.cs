namespace EventFunctions.Storage;

/// <summary>
/// The only table of what requests to Cosmos DB cost: budgets are tested, and costs calculated, with these numbers. Estimates hold until
/// <c>azure.cosmosdb.client.operation.request_charge</c> of a real account shows other values.
/// </summary>
public static class StoreCharges
{
    private static readonly Uri ReadsAndWrites = new("https://learn.microsoft.com/azure/cosmos-db/optimize-cost-reads-writes");
    private static readonly Uri PartialUpdate = new("https://learn.microsoft.com/azure/cosmos-db/partial-document-update-faq");
    private static readonly Uri CrossPartition = new("https://learn.microsoft.com/azure/cosmos-db/nosql/how-to-query-container");

    /// <summary>A point read.</summary>
    public static StoreCharge Read { get; } = new("read", 1, true, ReadsAndWrites);

    /// <summary>The create of a record: 5.5 without an index, and what about eleven indexed paths add.</summary>
    public static StoreCharge CreateRecord { get; } = new("create record", 7.5, false, ReadsAndWrites);

    /// <summary>The create of a data item: no path but its kind and key is indexed.</summary>
    public static StoreCharge CreateData { get; } = new("create data", 6, false, ReadsAndWrites);

    /// <summary>A patch of a record: twice an unindexed insert, and the index entries of a new status and date.</summary>
    public static StoreCharge PatchRecord { get; } = new("patch record", 14, false, PartialUpdate);

    /// <summary>The create of a document with a few indexed paths: a delivery, an entity's link.</summary>
    public static StoreCharge CreateDocument { get; } = new("create document", 7, false, ReadsAndWrites);

    /// <summary>The replacement of a document: twice its create.</summary>
    public static StoreCharge ReplaceDocument { get; } = new("replace document", 14, false, ReadsAndWrites);

    /// <summary>A query within one partition that returns one item.</summary>
    public static StoreCharge Query { get; } = new("query in a partition", 3, false, ReadsAndWrites);

    /// <summary>A query across partitions, for each physical partition.</summary>
    public static StoreCharge QueryPartition { get; } = new("query of a physical partition", 2.5, true, CrossPartition);

    /// <summary>All charges.</summary>
    public static IReadOnlyList<StoreCharge> All { get; } =
        [Read, CreateRecord, CreateData, PatchRecord, CreateDocument, ReplaceDocument, Query, QueryPartition];
}
