namespace EventFunctions.Cli.Service;

/// <summary>A call of the service's API.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path and query; a slash before it does not matter.</param>
internal sealed record ServiceCall(HttpMethod Method, string Path)
{
    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The body's content type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether the answer may be of any type, and not JSON alone.</summary>
    public bool TakesAnything { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}
