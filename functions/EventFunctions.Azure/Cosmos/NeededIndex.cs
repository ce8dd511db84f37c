using System.Collections.Immutable;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>What a container has to index, for the queries that it is asked.</summary>
/// <param name="Paths">Top-level properties.</param>
/// <param name="Composites">Indexes over several properties, descending where one begins with a minus.</param>
internal sealed record NeededIndex(ImmutableArray<string> Paths, ImmutableArray<ImmutableArray<string>> Composites)
{
    /// <summary>What records are found by.</summary>
    public static NeededIndex Events { get; } = new(
        ["kind", "eventId", "status", "source", "type", "subject", "entityId", "reason", "recordedAt", "relayAt"],
        [["-recordedAt", "eventId"]]);

    /// <summary>What the documents of a container are found and sorted by, the ties by ID and partition.</summary>
    /// <param name="container">The container.</param>
    public static NeededIndex Of(DocumentContainer container) =>
        new(container.Indexed, [.. container.Sorted.Select(field => ImmutableArray.Create(field, "id", container.PartitionKey))]);

    /// <summary>Compares a policy with the needed paths; additional paths do not matter.</summary>
    /// <param name="policy">The container's policy.</param>
    /// <returns>Each path, and each list of paths, that it does not index.</returns>
    public IReadOnlyList<string> MissingFrom(IndexingPolicy policy) =>
    [
        .. Paths.Where(path => policy.IndexingMode == IndexingMode.None || !IsIncluded(policy, path)).Select(path => "/" + path),
        .. Composites.Where(composite => !HasComposite(policy, composite)).Select(composite => $"({string.Join(", ", composite.Select(Describe))})"),
    ];

    // The more precise path decides; "/*" is the least precise.
    private static bool IsIncluded(IndexingPolicy policy, string path)
    {
        var included = policy.IncludedPaths.Select(p => Plain(p.Path)).ToHashSet(StringComparer.Ordinal);
        var excluded = policy.ExcludedPaths.Select(p => Plain(p.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var form in new[] { $"/{path}/?", $"/{path}/*", "/*" })
        {
            if (included.Contains(form) || excluded.Contains(form))
            {
                return included.Contains(form);
            }
        }

        return false;
    }

    // An index serves its own order, and the same backwards.
    private static bool HasComposite(IndexingPolicy policy, ImmutableArray<string> wanted) => policy.CompositeIndexes.Any(index =>
        index.Select(p => Plain(p.Path)).SequenceEqual(wanted.Select(w => "/" + w.TrimStart('-')), StringComparer.Ordinal)
        && index.Zip(wanted, (p, w) => (p.Order == CompositePathSortOrder.Descending) == w.StartsWith('-')).Distinct().Count() == 1);

    private static string Plain(string path) => path.Replace("\"", "", StringComparison.Ordinal);

    private static string Describe(string wanted) => wanted.StartsWith('-') ? $"/{wanted[1..]} descending" : "/" + wanted;
}
