using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>
/// The key of a filter: the name of an attribute, or a path into the payload such as <c>data.policy.state</c>. A dot cannot be escaped, as
/// in the service. Names match exactly if possible, otherwise ignoring the case of ASCII letters, because the service's documentation
/// writes <c>Data.Key1</c> for <c>data.key1</c>. The service's documentation also names attributes of CloudEvents after those of the Event
/// Grid schema (<c>eventtype</c>, <c>eventid</c>) and the other way round; such a name counts where the event has no attribute of the name itself.
/// </summary>
public sealed class FilterKey
{
    // Deep enough for every event that intake and the local Event Grid let in.
    internal static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    private readonly ImmutableArray<byte[]> _names;
    private readonly byte[]? _alias;

    /// <summary>Takes a key apart.</summary>
    /// <param name="text">The key.</param>
    /// <exception cref="FormatException">The key, or one of the names in it, is empty.</exception>
    public FilterKey(string text)
    {
        var names = text.Split('.');
        if (names.Any(string.IsNullOrWhiteSpace))
        {
            throw new FormatException("A key must be a name, or names joined by single dots.");
        }

        Text = text;
        Attribute = names[0];
        Alias = names.Length > 1 ? null : AliasOf(Attribute);
        _alias = Alias is null ? null : Encoding.UTF8.GetBytes(Alias);
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The key as written.</summary>
    public string Text { get; }

    /// <summary>The first name: an attribute of the event, or <c>data</c>.</summary>
    public string Attribute { get; }

    /// <summary>The other name of the attribute, in the other schema; null if there is no other.</summary>
    public string? Alias { get; }

    /// <summary>Whether the first name is all there is.</summary>
    public bool IsAttribute => _names.Length == 1;

    /// <summary>Whether the key leads into the payload, or to all of it.</summary>
    public bool IsData => string.Equals(Attribute, "data", StringComparison.OrdinalIgnoreCase);

    /// <summary>Follows the key through an event in JSON.</summary>
    /// <param name="json">One JSON object in UTF-8, known to be valid.</param>
    public FilterValue FindInEvent(ReadOnlyMemory<byte> json)
    {
        var value = Follow(json, 0);
        if (_alias is not null && value.Kind == FilterValueKind.Undefined)
        {
            value = FilterValue.FromJson(Member(json, _alias));
        }

        return IsAttribute && !IsData ? value.AsAttribute() : value;
    }

    /// <summary>Follows the key, from its second name on, through a payload.</summary>
    /// <param name="json">One JSON value in UTF-8, known to be valid.</param>
    public FilterValue FindInData(ReadOnlyMemory<byte> json) => Follow(Trim(json), 1);

    private static string? AliasOf(string name) => name.ToLowerInvariant() switch
    {
        "eventid" => "id",
        "eventtype" => "type",
        "eventtime" => "time",
        "topic" => "source",
        "eventtypeversion" => "dataVersion",
        "type" => "eventType",
        "time" => "eventTime",
        "source" => "topic",
        _ => null,
    };

    private FilterValue Follow(ReadOnlyMemory<byte> json, int from)
    {
        foreach (var name in _names.AsSpan()[from..])
        {
            json = Member(json, name);
        }

        return FilterValue.FromJson(json);
    }

    // Empty where there is no such member, or no object. Of several members of one name the last counts, as most parsers
    // of JSON have it.
    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, byte[] name)
    {
        ReadOnlyMemory<byte> exact = default;
        ReadOnlyMemory<byte> alike = default;
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isExact = JsonTokenText.Matches(ref reader, name);
            var isAlike = isExact || Ascii.EqualsIgnoreCase(reader.ValueSpan, name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isAlike)
            {
                var value = json[start..(int)reader.BytesConsumed];
                (exact, alike) = isExact ? (value, alike) : (exact, value);
            }
        }

        return exact.IsEmpty ? alike : exact;
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> json)
    {
        var span = json.Span;
        var start = span.IndexOfAnyExcept(" \t\r\n"u8);
        return start < 0 ? default : json[start..(span.LastIndexOfAnyExcept(" \t\r\n"u8) + 1)];
    }
}
