namespace EventFunctions.Local.CommandLine;

/// <summary>How the demo is run.</summary>
internal sealed record DemoOptions
{
    /// <summary>The URLs to listen on; null takes a free port.</summary>
    public string? Urls { get; init; }

    /// <summary>The data folder, which must be empty; null takes a fresh one, which goes when all is well.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Settings that go before all others.</summary>
    public required IReadOnlyDictionary<string, string?> Settings { get; init; }

    /// <summary>How many events are sent.</summary>
    public required int Events { get; init; }

    /// <summary>The seed of everything that is random.</summary>
    public required int Seed { get; init; }

    /// <summary>How long is waited for each turn of a scene.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(45);
}
