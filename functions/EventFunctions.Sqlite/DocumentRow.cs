namespace EventFunctions.Sqlite;

/// <summary>A document as it is written to its table.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Id">The ID within it.</param>
/// <param name="Fields">The indexed fields, in the container's order.</param>
/// <param name="Body">JSON in UTF-8.</param>
/// <param name="SecondsToLive">How long it lives from this write on; null for ever.</param>
internal sealed record DocumentRow(string Partition, string Id, string?[] Fields, ReadOnlyMemory<byte> Body, int? SecondsToLive);
