using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>How a producer's own JSON messages become events: where each attribute comes from.</summary>
public sealed record MessageMapping
{
    /// <summary>Where <c>id</c> comes from.</summary>
    public required MessageValue Id { get; init; }

    /// <summary>Where <c>type</c> comes from.</summary>
    public required MessageValue Type { get; init; }

    /// <summary>Where <c>subject</c> comes from; null leaves it out.</summary>
    public MessageValue? Subject { get; init; }

    /// <summary>Where <c>time</c> comes from; null leaves it out.</summary>
    public MessageValue? Time { get; init; }

    /// <summary>Where <c>dataref</c> comes from; null leaves it out.</summary>
    public MessageValue? DataRef { get; init; }

    /// <summary>Where extension attributes come from, by their names.</summary>
    public ImmutableSortedDictionary<string, MessageValue> Extensions { get; init; } =
        ImmutableSortedDictionary.Create<string, MessageValue>(StringComparer.Ordinal);

    /// <summary>The JSON pointer (RFC 6901) of <c>data</c> in the message; the whole message by default, null for no data.</summary>
    public string? Data { get; init; } = "";

    /// <summary>The JSON pointer of the array whose items become an event each; null if the message is one event.</summary>
    public string? Each { get; init; }

    /// <summary>
    /// The field of a form that holds the message's JSON; <see cref="AllFields"/> makes an object of all fields. Null if messages are never forms.
    /// </summary>
    public string? Form { get; init; }

    /// <summary>The status of the response to an accepted message.</summary>
    public int AcceptedStatus { get; init; } = DefaultAcceptedStatus;

    /// <summary>Stands for all fields of a form.</summary>
    internal const string AllFields = "*";

    internal const int DefaultAcceptedStatus = 202;

    /// <summary>JSON pointers of parts, such as keys, that are removed from the message before it is stored or logged.</summary>
    public ImmutableArray<string> Remove { get; init; } = [];
}

/// <summary>Where one attribute comes from: exactly one of pointer, header, constant, template and hash is set.</summary>
public sealed record MessageValue
{
    /// <summary>A JSON pointer (RFC 6901) to a string, number or boolean of the message.</summary>
    public string? Pointer { get; init; }

    /// <summary>The name of a request header.</summary>
    public string? Header { get; init; }

    /// <summary>The value itself.</summary>
    public string? Constant { get; init; }

    /// <summary>A text with the placeholders <c>{/pointer}</c>, <c>{header:NAME}</c> and <c>{hash}</c>.</summary>
    public string? Template { get; init; }

    /// <summary>The placeholder of the hash in a template.</summary>
    internal const string HashPlaceholder = "hash";

    /// <summary>Begins the placeholder of a header's value.</summary>
    internal const string HeaderPlaceholder = "header:";

    /// <summary>The JSON pointer of a value whose SHA-256 this is, by its canonical form; the empty text is the whole.</summary>
    public string? Hash { get; init; }

    /// <summary>Stands before the value; null for nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>How a time is written; null if it already is as in RFC 3339.</summary>
    public TimeFormat? Format { get; init; }

    /// <summary>Whether pointers start at the whole message although each item of an array is an event.</summary>
    public bool Whole { get; init; }

    /// <summary>Whether the value is known to come from a header that the signature does not cover.</summary>
    public bool Unsigned { get; init; }
}
