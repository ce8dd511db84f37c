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

    /// <summary>JSON pointers of parts, such as keys, that are removed from the message before it is stored or logged.</summary>
    public ImmutableArray<string> Remove { get; init; } = [];
}

/// <summary>Where one attribute comes from: exactly one of <see cref="Pointer"/>, <see cref="Header"/> and <see cref="Constant"/> is set.</summary>
public sealed record MessageValue
{
    /// <summary>A JSON pointer (RFC 6901) to a string, number or boolean of the message.</summary>
    public string? Pointer { get; init; }

    /// <summary>The name of a request header.</summary>
    public string? Header { get; init; }

    /// <summary>The value itself.</summary>
    public string? Constant { get; init; }

    /// <summary>Stands before the value; null for nothing.</summary>
    public string? Prefix { get; init; }
}
