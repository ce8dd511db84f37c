namespace EventFunctions.Producers;

/// <summary>A producer as somebody wrote it down, before it is known whether that makes sense: every value may be missing or wrong.</summary>
public sealed record ProducerDefinition
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>The CloudEvents <c>source</c> it owns.</summary>
    public string? Source { get; init; }

    /// <summary>Where full data is.</summary>
    public ProducerDataDefinition? Data { get; init; }

    /// <summary>The types it may send.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];
}

/// <summary>Where full data is, as somebody wrote it down.</summary>
public sealed record ProducerDataDefinition
{
    /// <summary>The base URL.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>The template of a path under it.</summary>
    public string? Template { get; init; }

    /// <summary>How the service makes itself known.</summary>
    public ProducerAuthDefinition? Auth { get; init; }

    /// <summary>The time limit, <c>hh:mm:ss</c>.</summary>
    public string? Timeout { get; init; }

    /// <summary>The size limit in bytes.</summary>
    public string? MaxBytes { get; init; }
}

/// <summary>How the service makes itself known, as somebody wrote it down.</summary>
public sealed record ProducerAuthDefinition
{
    /// <summary>One of <c>none</c>, <c>header</c>, <c>managedIdentity</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The header's name.</summary>
    public string? Header { get; init; }

    /// <summary>The secret's name below <c>ProducerSecrets:</c>.</summary>
    public string? Secret { get; init; }

    /// <summary>The scope.</summary>
    public string? Scope { get; init; }
}
