using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>A shared secret that comes with each message as it is.</summary>
internal sealed record TokenScheme
{
    /// <summary>The header that holds it; null if the message holds it.</summary>
    public string? Header { get; init; }

    /// <summary>Its JSON pointer in the message, or in each of its events; null if a header holds it.</summary>
    public string? Pointer { get; init; }

    /// <summary>What stands before it in the header, such as <c>Bearer</c> and a space; null for nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>The names of the settings below <c>ProducerSecrets:</c> that hold it, several during a rotation.</summary>
    public required ImmutableArray<string> Secrets { get; init; }
}
