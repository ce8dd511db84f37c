namespace EventFunctions.Cli.Terminal;

/// <summary>A cell of a table.</summary>
/// <param name="Text">What stands in it; what would harm a terminal is escaped when it is shown.</param>
/// <param name="Color">Its colour where a person watches; null for the terminal's own.</param>
internal readonly record struct Cell(string Text, string? Color = null)
{
    /// <summary>A cell in the terminal's own colour.</summary>
    /// <param name="text">What stands in it; null for nothing.</param>
    public static implicit operator Cell(string? text) => new(text ?? "");

    /// <summary>A cell with the state of something.</summary>
    /// <param name="state">The state.</param>
    public static Cell OfState(string? state) => new(state ?? "", state switch
    {
        "completed" or "delivered" or "verified" => "green",
        "failed" or "deadLettered" or "refused" => "red",
        "recorded" or "enriching" or "waiting" or "running" or "cancelling" or "pending" => "yellow",
        _ => null,
    });
}
