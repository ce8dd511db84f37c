using System.Globalization;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// A <see cref="RecordPatch"/> as one conditional patch of the item, which does just what
/// <see cref="RecordPatch.TryApply"/> says as long as the timeline has room. It leaves its own name in the item
/// (<see cref="WriteName"/>), so that it is applied once however often it is sent.
/// </summary>
internal sealed class ItemPatch
{
    public ItemPatch(RecordPatch patch)
    {
        Operations = [.. Operate(patch), PatchOperation.Set("/" + WriteName.Property, Name)];
        var unnamed = $"(NOT IS_DEFINED(c.{WriteName.Property}) OR c.{WriteName.Property} != '{Name}')";
        Predicate = string.Create(
            CultureInfo.InvariantCulture,
            $"FROM c WHERE {(patch.IsNote ? NotRecorded(patch.Entries[0], withTime: true) : Expected(patch))} "
            + $"AND ARRAY_LENGTH(c.timeline) <= {Timeline.Capacity - patch.Entries.Length} AND {unnamed}");
    }

    /// <summary>A name that no other patch has.</summary>
    public string Name { get; } = WriteName.New();

    /// <summary>At most ten.</summary>
    public IReadOnlyList<PatchOperation> Operations { get; }

    /// <summary>The filter predicate.</summary>
    public string Predicate { get; }

    // As a literal, since predicates take no parameters: JSON's own escapes keep whatever the entry says inside its quotes.
    private static string NotRecorded(TimelineEntry entry, bool withTime)
    {
        var members = JsonSerializer.SerializeToNode(entry, DocumentJson.Options)!.AsObject();
        if (!withTime)
        {
            members.Remove("at");
        }

        return $"NOT ARRAY_CONTAINS(c.timeline, {members.ToJsonString(DocumentJson.Options)}, true)";
    }

    private static string Expected(RecordPatch patch) => string.Create(
        CultureInfo.InvariantCulture,
        $"c.run = {patch.Run} AND c.status IN ({CosmosListQuery.Names(patch.From)}){Dismissal(patch)}"
        + $"{(patch.SparesErased ? $" AND {IsNot("erased")}" : "")}{(patch.NeedsParts ? $" AND c.pending.run = {patch.Run}" : "")}"
        + $"{(patch.IsOnce ? $" AND {NotRecorded(patch.Entries[0], withTime: false)}" : "")}");

    private static string Dismissal(RecordPatch patch) =>
        patch.Dismisses switch { true => $" AND {IsNot("dismissed")}", false => " AND c.dismissed = true", null => "" };

    // What is false is left out when a record is written.
    private static string IsNot(string flag) => $"(NOT IS_DEFINED(c.{flag}) OR c.{flag} != true)";

    private static IEnumerable<PatchOperation> Operate(RecordPatch patch)
    {
        if (patch.Status is { } status)
        {
            yield return PatchOperation.Set("/status", EventStatusName.Of(status));
            yield return PatchOperation.Set("/reason", patch.Reason);

            // To remove what is not there is an error; -1 means never, as no value does.
            yield return PatchOperation.Set("/ttl", TimeToLive.ToSeconds(patch.TimeToLive) ?? -1);
        }

        if (patch.Dismisses is { } dismisses)
        {
            yield return PatchOperation.Set("/dismissed", dismisses);
            yield return PatchOperation.Set("/ttl", TimeToLive.ToSeconds(patch.TimeToLive) ?? -1);
        }
        else if (patch.EndsFailure)
        {
            yield return PatchOperation.Set("/dismissed", false);
        }

        if (patch.Erases)
        {
            yield return PatchOperation.Set("/erased", true);
            yield return PatchOperation.Set<string?>("/data", null);
            yield return PatchOperation.Set<string?>("/dataKind", null);
            yield return PatchOperation.Set<string?>("/dataEncoding", null);
        }

        var ends = (patch.Status & EventStatus.Final) > EventStatus.None;
        if (ends || patch.EndsParts)
        {
            yield return PatchOperation.Set("/pending", PendingDocument.Of(patch.Run, patch.Pending));
        }

        if (patch.RelayAt is not null || ends || patch.EndsParts)
        {
            yield return PatchOperation.Set("/relayAt", patch.RelayAt is { } at && (!ends || patch.Pending != EventParts.None) ? UtcMilliseconds.Text(at) : null);
        }

        if (patch.RelayFailures is { } failures)
        {
            yield return PatchOperation.Set("/relayFailures", failures);
        }

        if (patch.StartsRun)
        {
            yield return PatchOperation.Set("/run", patch.Run + 1);
            yield return PatchOperation.Set("/attempts", 0);
        }
        else if (patch.CountsAttempt)
        {
            yield return PatchOperation.Increment("/attempts", 1);
        }

        foreach (var entry in patch.Entries)
        {
            yield return PatchOperation.Add("/timeline/-", entry);
        }
    }
}
