namespace EventFunctions.Jobs;

/// <summary>Thrown if as many jobs are active as may be.</summary>
/// <param name="maxActive">How many.</param>
public sealed class TooManyJobsException(int maxActive)
    : Exception($"{maxActive} jobs are active, the maximum (Jobs:MaxActive).");
