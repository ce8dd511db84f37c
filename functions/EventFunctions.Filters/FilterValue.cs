using System.Text;
using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>What kind of value a filter's key leads to.</summary>
public enum FilterValueKind
{
    /// <summary>The value is missing.</summary>
    Undefined,

    /// <summary>JSON null.</summary>
    Null,

    /// <summary>A string.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>A value that a filter's key leads to; the default is <see cref="FilterValueKind.Undefined"/>.</summary>
public readonly struct FilterValue
{
    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _json;

    private FilterValue(FilterValueKind kind, string? text, ReadOnlyMemory<byte> json, bool isAttribute) =>
        (Kind, _text, _json, IsAttribute) = (kind, text, json, isAttribute);

    /// <summary>What kind of value it is.</summary>
    public FilterValueKind Kind { get; }

    // String operators compare the string form of an attribute, which values within data do not have.
    internal bool IsAttribute { get; }

    /// <summary>A string; null is undefined.</summary>
    /// <param name="text">The string.</param>
    public static FilterValue FromText(string? text) =>
        text is null ? default : new FilterValue(FilterValueKind.String, text, default, isAttribute: true);

    /// <summary>A JSON value.</summary>
    /// <param name="json">Exactly one JSON value in UTF-8, known to be valid, without white space around it.</param>
    public static FilterValue FromJson(ReadOnlyMemory<byte> json) => new(
        json.IsEmpty
            ? FilterValueKind.Undefined
            : json.Span[0] switch
            {
                (byte)'n' => FilterValueKind.Null,
                (byte)'"' => FilterValueKind.String,
                (byte)'t' or (byte)'f' => FilterValueKind.Boolean,
                (byte)'[' => FilterValueKind.Array,
                (byte)'{' => FilterValueKind.Object,
                _ => FilterValueKind.Number,
            },
        null,
        json,
        isAttribute: false);

    /// <summary>Returns the value as text, if it is a string, a number or a boolean.</summary>
    /// <param name="text">The string, or the JSON of the number or truth value.</param>
    public bool TryGetScalar(out string text) => AsAttribute().TryGetText(out text);

    /// <summary>Marks the value as an attribute's: CloudEvents' attributes all have a string form, which string operators compare.</summary>
    public FilterValue AsAttribute() => new(Kind, _text, _json, isAttribute: true);

    internal bool TryGetText(out string text)
    {
        if (Kind == FilterValueKind.String)
        {
            text = _text ?? Unescape();
            return true;
        }

        var hasText = IsAttribute && Kind is FilterValueKind.Number or FilterValueKind.Boolean;
        text = hasText ? Encoding.UTF8.GetString(_json.Span) : "";
        return hasText;
    }

    internal bool TryGetNumber(out FilterNumber number)
    {
        number = Kind == FilterValueKind.Number ? FilterNumber.Parse(_json.Span) : default;
        return Kind == FilterValueKind.Number;
    }

    internal bool Is(bool value) => Kind == FilterValueKind.Boolean && _json.Span[0] == (value ? (byte)'t' : (byte)'f');

    // The elements of an array; each is handed to the test until one passes.
    internal bool AnyElement<TState>(TState state, Func<TState, FilterValue, bool> test)
    {
        var reader = new Utf8JsonReader(_json.Span, FilterKey.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (test(state, FromJson(_json[start..(int)reader.BytesConsumed])))
            {
                return true;
            }
        }

        return false;
    }

    private string Unescape()
    {
        var reader = new Utf8JsonReader(_json.Span);
        reader.Read();
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair has no text: it is compared as it is spelled, which no filter's text equals.
            return Encoding.UTF8.GetString(_json.Span);
        }
    }
}
