namespace EventFunctions.Storage;

/// <summary>What one request to Cosmos DB costs for an item of 1 KB.</summary>
/// <param name="Name">The request, as tables and reports name it.</param>
/// <param name="RequestUnits">Request units.</param>
/// <param name="IsDocumented">Whether the source states the charge; otherwise it is an estimate derived from the source.</param>
/// <param name="Source">Where the charge, or what it is derived from, is documented.</param>
public sealed record StoreCharge(string Name, double RequestUnits, bool IsDocumented, Uri Source);
