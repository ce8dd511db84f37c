using System.Collections.Frozen;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Intake.Messages;

/// <summary>
/// Finds values that differ between two attempts to send one message. Such a difference makes the second attempt a conflict instead of a
/// repeat.
/// </summary>
public static class AttemptWarnings
{
    // As senders call them, in lower case and without _ and -.
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "attempt", "attempts", "attemptnumber", "attemptcount", "deliveryattempt", "deliveryattempts", "deliverycount", "deliveredat", "deliverystatus",
        "isretry", "pendingwebhooks", "redelivery", "retries", "retry", "retrycount", "retrynumber", "retrynum", "retryreason", "sentat", "webhooktimestamp");

    private const int MaxDifferences = 10;

    /// <summary>Returns a warning for each.</summary>
    /// <param name="producer">Whose message it is.</param>
    /// <param name="read">An event of the message.</param>
    /// <param name="recorded">The recorded event with its ID; null if it is not recorded.</param>
    public static IReadOnlyList<string> Of(Producer producer, MessageEvent read, EventRecord? recorded)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(read);
        if (producer.Messages is not { } mapping)
        {
            return [];
        }

        var warnings = new List<string>();
        if (read.Omitted is { } omitted)
        {
            warnings.Add($"The event is recorded without unusable attributes: {omitted}.");
        }

        foreach (var (name, value) in new MessagePlaces(mapping).Attributes)
        {
            if (value.Header is { } header && producer.Verification?.Signature?.Timestamp?.Header is { } signed
                && string.Equals(header, signed, StringComparison.OrdinalIgnoreCase))
            {
                warnings.Add($"\"{name}\" comes from {header}, the time of sending. Another attempt has another time and is refused as a conflict.");
            }
        }

        if (read.Event.Data is { Kind: ContentKind.Json } data && mapping.Data is { } start)
        {
            var places = new List<string>();
            Find(MessageElements.Parse(data.Bytes), start, depth: 0, places);
            warnings.AddRange(places.Select(place =>
                $"{place} looks like something that differs between two attempts, which makes the second one a conflict. If it does, add it to messages.remove."));
        }

        if (recorded is not null && recorded.Fingerprint != Fingerprint.Of(read.Event))
        {
            warnings.Add(Conflict(read.Event, recorded.Event, mapping));
        }

        return warnings;
    }

    private static string Conflict(EventNotification read, EventNotification recorded, MessageMapping mapping)
    {
        var places = new List<string>();
        if (read.Data is { Kind: ContentKind.Json } data && recorded.Data is { Kind: ContentKind.Json } before)
        {
            Compare(MessageElements.Parse(before.Bytes), MessageElements.Parse(data.Bytes), mapping.Data ?? "", places);
        }

        return "This event would be refused: an event with its ID is recorded with other content. "
            + (places.Count == 0 ? "Its attributes differ." : $"If this is another attempt of the same message, add what differs to messages.remove: {string.Join(", ", places)}.");
    }

    private static void Compare(JsonElement before, JsonElement after, string pointer, List<string> places)
    {
        if (places.Count == MaxDifferences || JsonEquality.AreEqual(before, after))
        {
            return;
        }

        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            places.Add(pointer.Length == 0 ? "the whole message" : pointer);
            return;
        }

        foreach (var name in before.EnumerateObject().Select(member => member.Name).Union(after.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal))
        {
            var place = Below(pointer, name);
            if (before.TryGetProperty(name, out var was) && after.TryGetProperty(name, out var now))
            {
                Compare(was, now, place, places);
            }
            else if (places.Count < MaxDifferences)
            {
                places.Add(place);
            }
        }
    }

    private static string Below(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    // The envelope is where such members are; what lies deeper belongs to the sender's objects.
    private static void Find(JsonElement json, string pointer, int depth, List<string> places)
    {
        if (json.ValueKind != JsonValueKind.Object || depth > 1)
        {
            return;
        }

        foreach (var member in json.EnumerateObject())
        {
            var place = Below(pointer, member.Name);
            if (place.Length <= DefinitionPointer.MaxLength && Names.Contains(member.Name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()))
            {
                places.Add(place);
            }

            Find(member.Value, place, depth + 1, places);
        }
    }
}
