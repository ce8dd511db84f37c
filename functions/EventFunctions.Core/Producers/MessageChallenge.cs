using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>
/// A request by which the sender finds out whether the receiver is its own. It is answered, and never recorded. Either a query parameter
/// holds it, or a value of a verified message marks it.
/// </summary>
public sealed record MessageChallenge
{
    /// <summary>The query parameter whose value is the response; null if a message is the challenge.</summary>
    public string? Query { get; init; }

    /// <summary>Whether the request with the query parameter is a GET; a POST otherwise.</summary>
    public bool IsGet { get; init; }

    /// <summary>The query parameter that holds a shared secret; null if the sender sends none.</summary>
    public string? TokenQuery { get; init; }

    /// <summary>The names of the settings below <c>ProducerSecrets:</c> that hold the secret of <see cref="TokenQuery"/>.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];

    /// <summary>The JSON pointer of the value that makes a message a challenge.</summary>
    public string? Pointer { get; init; }

    /// <summary>The expected value as text; null for any.</summary>
    public string? Value { get; init; }

    /// <summary>The response as text, with JSON pointers as placeholders; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The response as members of a JSON object, with JSON pointers and <c>{hmac:/pointer}</c> as placeholders.</summary>
    public ImmutableSortedDictionary<string, string> Members { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
