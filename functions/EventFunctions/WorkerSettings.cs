using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions;

/// <summary>The settings that the deployed app gets from the Functions host, as environment variables.</summary>
internal static class WorkerSettings
{
    // Only the Functions host reads these; without one it leaves out the function, and only its log says so.
    private static readonly (string Name, string Example)[] Schedules =
    [
        ("DeliverySchedule", "0 * * * * *"),
        ("MonitorSchedule", "0 * * * * *"),
        ("PullSchedule", "0 * * * * *"),
        ("RebuildSchedule", "*/30 * * * * *"),
        ("RelaySchedule", "*/30 * * * * *"),
        ("ReplaySchedule", "*/15 * * * * *"),
    ];

    /// <summary>Reads the settings. A setting left empty is one not set, as in <c>local.settings.json</c>.</summary>
    /// <param name="environment">The environment variables; <c>__</c> in a name stands for <c>:</c>.</param>
    /// <exception cref="OptionsValidationException">A timer has no schedule.</exception>
    public static IConfiguration Read(IDictionary environment)
    {
        var given = new Dictionary<string, string?>(environment.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in environment)
        {
            if (variable is { Key: string name, Value: string { Length: > 0 } value })
            {
                given[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
            }
        }

        var failures = Schedules
            .Where(schedule => !given.ContainsKey(schedule.Name))
            .Select(schedule => $"{schedule.Name} is missing; example: {schedule.Example}.")
            .ToList();
        return failures.Count == 0
            ? new ConfigurationBuilder().AddInMemoryCollection(given).Build()
            : throw new OptionsValidationException("Schedules", typeof(string), failures);
    }
}
