namespace EventFunctions.Sqlite;

/// <summary>Where the embedded store is.</summary>
public sealed record SqliteOptions
{
    /// <summary>The path of the database file; it is created, with its folder, when missing.</summary>
    public required string Path { get; init; }

    /// <summary>How often expired data is removed; it is invisible before that.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMinutes(1);
}
