using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Definitions;

/// <summary>How soon an instance sees what another has changed in the registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>How often an instance that has something to do asks whether the registry has changed: one point read each time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How often such an instance reads all producers, even without an announced change. This bounds its delay if an instance dies between
    /// a change and its announcement.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReloadEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often at most a source or name that is not known is looked for once more.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LookupEvery { get; init; } = TimeSpan.FromSeconds(1);
}
