namespace EventFunctions.Local.Demo;

/// <summary>How often something happened, and how often it was to happen.</summary>
/// <param name="Name">What.</param>
/// <param name="Count">How often it did.</param>
/// <param name="Planned">How often it was to; null where that is not planned.</param>
public sealed record DemoRow(string Name, int Count, int? Planned)
{
    /// <summary>The difference from the plan; null if there is none.</summary>
    public string? Difference => Planned is { } planned && planned != Count ? $"{Name}: expected {planned}, were {Count}" : null;
}
