using System.Text.Json;

namespace EventFunctions.Ticks;

/// <summary>The outcome of a part of a tick.</summary>
public enum TickOutcome
{
    /// <summary>It did all due work, or as much as its budget allowed.</summary>
    Completed,

    /// <summary>It threw an exception.</summary>
    Failed,

    /// <summary>It was stopped at the end of its budget, or did not stop and may still run.</summary>
    Overran,

    /// <summary>It was left out, because its run of an earlier tick has not ended.</summary>
    Running,
}

/// <summary>The result of a part of a tick.</summary>
/// <param name="Part">The part's name.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Detail">Why it failed; null if it did not.</param>
public sealed record TickResult(string Part, TickOutcome Outcome, TimeSpan Duration, string? Detail = null)
{
    /// <summary>Returns the name of an outcome in metrics and responses.</summary>
    /// <param name="outcome">The outcome.</param>
    public static string NameOf(TickOutcome outcome) => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());
}
