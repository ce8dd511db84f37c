namespace EventFunctions.Schemas;

/// <summary>
/// How many steps checks against schemas may still take. Steps are counted, not timed, so that the same payload always gets
/// the same answer; each takes at most about 0.1 µs of processor time.
/// </summary>
public sealed class SchemaBudget
{
    /// <summary>The most steps that the check of one payload may take: about 50 ms of processor time.</summary>
    public const int PerPayload = 400_000;

    /// <summary>The most steps that the checks of one request's payloads may take together.</summary>
    public const int PerRequest = 1_600_000;

    /// <summary>How many steps are left.</summary>
    internal int Left { get; private set; } = PerRequest;

    /// <summary>How many steps the check of the next payload may take.</summary>
    internal int ForPayload => Math.Min(PerPayload, Left);

    /// <summary>Takes the steps that a check took.</summary>
    internal void Take(int steps) => Left -= steps;
}
