using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>Checks names and values of attributes by CloudEvents 1.0.2 and this service's own rules.</summary>
internal static class AttributeRules
{
    /// <summary>The most UTF-8 bytes in <c>id</c>, <c>source</c>, <c>subject</c> and <c>type</c>.</summary>
    public const int MaxIdentityBytes = 1_024;

    /// <summary>The most UTF-8 bytes in any other attribute.</summary>
    public const int MaxValueBytes = 4_096;

    /// <summary>The most characters in a name. CloudEvents advises 20 and forbids none.</summary>
    public const int MaxNameLength = 128;

    /// <summary>The most extension attributes of one event.</summary>
    public const int MaxExtensions = 100;

    private static readonly SearchValues<char> LowerCaseAndDigits = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "dataref", "traceparent", "tracestate", "data", "data_base64");

    /// <summary>Returns why an event with this attribute name is refused; null if it is accepted, perhaps against a rule of CloudEvents.</summary>
    public static string? Refuse(string name) => IsTolerated(name) ? null : CheckName(name);

    /// <summary>Returns why an event with this value is refused; null if it is accepted, perhaps against a rule of CloudEvents.</summary>
    public static string? Refuse(string name, string value) =>
        CheckLength(name, value) ?? (IsUsed(name) ? CheckSyntax(name, value) : CheckUnicode(value));

    /// <summary>Returns the error in a name; null if it is valid.</summary>
    public static string? CheckName(string name) => name switch
    {
        "data" or "data_base64" => "This attribute name is reserved. Use another name.",
        ReservedNames.ReplayAttribute => "This attribute is reserved for replayed events. Remove it.",
        ReservedNames.KeyAttribute => "This attribute is reserved for this service. Remove it.",
        { Length: 0 or > MaxNameLength } => $"An attribute name must have 1 to {MaxNameLength} characters.",
        _ when Known.TryGetValue(name, out var known) && known != name => $"Attribute names are lower case. Write \"{known}\" instead of \"{name}\".",
        _ when name.AsSpan().ContainsAnyExcept(LowerCaseAndDigits) => "An attribute name may contain only lower-case letters a to z and digits.",
        _ => null,
    };

    /// <summary>Returns the error in a value; null if it is valid.</summary>
    public static string? CheckValue(string name, string value) => CheckLength(name, value) ?? CheckSyntax(name, value);

    /// <summary>Returns the rule of syntax that a value breaks; null if it breaks none.</summary>
    public static string? CheckSyntax(string name, string value) =>
        CheckCharacters(value) ?? name switch
        {
            "specversion" => value == "1.0" ? null : "Must be \"1.0\", the only supported version.",
            "id" => CheckId(value),
            "source" => value.Length > 0 && UriSyntax.IsReference(value) ? null : "Must be a URI-reference (RFC 3986 §4.1) of at least one character.",
            "type" => CheckType(value),
            "subject" => value.Length > 0 ? null : "Must not be empty. Leave it out instead.",
            "time" => EventTime.TryParse(value) is not null ? null : "Must be an RFC 3339 time, such as \"2026-01-31T08:30:00Z\" (at most 16 decimals).",
            "datacontenttype" => MediaType.TryParse(value) is not null ? null : "Must be a media type (RFC 2045), such as \"application/json\".",
            "dataschema" => UriSyntax.IsAbsolute(value) ? null : "Must be an absolute URI (RFC 3986 §4.3: with a scheme, without a fragment).",
            "dataref" => value.Length > 0 && UriSyntax.IsReference(value) ? null : "Must be a URI-reference (RFC 3986 §4.1) of at least one character.",
            _ => null,
        };

    /// <summary>Returns whether a name is accepted against a rule. One that differs from a known name in case alone is a mistake that would go unnoticed.</summary>
    public static bool IsTolerated(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.AsSpan().ContainsAnyExcept(LowerCaseAndDigits)
        && !name.AsSpan().ContainsAnyExcept(NameCharacters) && !Known.Contains(name);

    // What the service does not use may break a rule: the sender often cannot change it.
    private static bool IsUsed(string name) => name != "dataschema" && Known.Contains(name);

    private static string? CheckUnicode(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogate(value[i]) && (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[++i])))
            {
                return "An unpaired surrogate is not allowed.";
            }
        }

        return null;
    }

    private static string? CheckLength(string name, string value)
    {
        var limit = name is "id" or "source" or "subject" or "type" ? MaxIdentityBytes : MaxValueBytes;
        if (value.Length > limit / 3 && Encoding.UTF8.GetByteCount(value) > limit)
        {
            return string.Create(CultureInfo.InvariantCulture, $"Must have at most {limit:N0} bytes in UTF-8.");
        }

        return null;
    }

    private static string? CheckId(string value) =>
        value.Length == 0 ? "Must not be empty."
        : value.Contains(ReservedNames.EnrichedIdSuffix, StringComparison.OrdinalIgnoreCase)
            ? $"IDs with \"{ReservedNames.EnrichedIdSuffix}\" are reserved for enriched events. Use another ID."
        : null;

    // Event Grid's filters, which keep these types from the enrichment, ignore case.
    private static string? CheckType(string value) =>
        value.Length == 0 ? "Must not be empty."
        : value.EndsWith(ReservedNames.EnrichedTypeSuffix, StringComparison.OrdinalIgnoreCase)
          || value.StartsWith(ReservedNames.OwnTypePrefix, StringComparison.OrdinalIgnoreCase)
            ? $"Types that end in \"{ReservedNames.EnrichedTypeSuffix}\" or begin with \"{ReservedNames.OwnTypePrefix}\" are reserved for this service. Use another type."
        : null;

    // CloudEvents' String: no control characters, no noncharacters, no halves of surrogate pairs.
    private static string? CheckCharacters(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return null;
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (!Rune.TryGetRuneAt(value, i, out var rune))
            {
                return $"An unpaired surrogate (U+{(int)value[i]:X4}) is not allowed.";
            }

            if (Rune.IsControl(rune))
            {
                return $"The control character U+{rune.Value:X4} is not allowed.";
            }

            if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
            {
                return $"The noncharacter U+{rune.Value:X4} is not allowed.";
            }

            i += rune.Utf16SequenceLength - 1;
        }

        return null;
    }
}
