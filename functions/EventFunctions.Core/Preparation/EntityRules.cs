using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Preparation;

/// <summary>Determines the entity of an event.</summary>
internal static class EntityRules
{
    /// <summary>Returns the entity of source and subject; null without a subject.</summary>
    public static EntityKey? OfSubject(EventNotification notification) =>
        notification.Subject is { Length: > 0 } subject ? new EntityKey(notification.Source, subject) : null;

    /// <summary>
    /// The entity whose subject the values at JSON pointers make: one value is the subject; of several, each is percent-encoded
    /// (RFC 3986, all but unreserved characters) and a <c>/</c> stands between them. Values are strings, numbers in their
    /// canonical form (1.0 is 1), and truth values.
    /// </summary>
    /// <returns>The entity, or why there is none.</returns>
    public static (EntityKey? Entity, string? Missing) OfData(string source, ImmutableArray<string> pointers, JsonElement? data)
    {
        var values = new string[pointers.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (data is not { } root || Find(root, pointers[i]) is not { } found || TextOf(found) is not { Length: > 0 } value)
            {
                return (null, $"The event has no entity: its data has no string, number or boolean at {pointers[i]}.");
            }

            values[i] = value;
        }

        var subject = values.Length == 1 ? values[0] : string.Join('/', values.Select(Uri.EscapeDataString));
        return Encoding.UTF8.GetByteCount(subject) <= AttributeRules.MaxIdentityBytes
            ? (new EntityKey(source, subject), null)
            : (null, $"The event has no entity: the identity made from its data exceeds {AttributeRules.MaxIdentityBytes} bytes.");
    }

    private static JsonElement? Find(JsonElement value, string pointer)
    {
        foreach (var token in pointer.Split('/').Skip(1))
        {
            var name = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && IsIndex(name, out var index) && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return value;
    }

    // RFC 6901 §4: no leading zeros.
    private static bool IsIndex(string token, out int index) =>
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (token.Length == 1 || token[0] != '0');

    private static string? TextOf(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.True:
                return "true";
            case JsonValueKind.False:
                return "false";
            case JsonValueKind.Number:
                var raw = JsonMarshal.GetRawUtf8Value(value);
                using (var canonical = new CanonicalBuffer(raw.Length))
                {
                    CanonicalNumber.Write(raw, canonical);
                    return Encoding.UTF8.GetString(canonical.Written);
                }

            default:
                return null;
        }
    }
}
