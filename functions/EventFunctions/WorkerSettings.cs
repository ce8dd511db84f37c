using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions;

/// <summary>The settings that the deployed app gets from the Functions host, as environment variables.</summary>
internal static class WorkerSettings
{
    // Only the Functions host reads these; without one it leaves out the function, and only its log says so.
    private static readonly (string Name, string Example)[] Schedules =
    [
        ("RelaySchedule", "*/30 * * * * *"),
    ];

    /// <summary>Reads the settings. A setting left empty is one not set, as in <c>local.settings.json</c>.</summary>
    /// <param name="given">What the host gives.</param>
    /// <exception cref="OptionsValidationException">A timer has no schedule.</exception>
    public static IConfiguration Read(IConfiguration given)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(given.AsEnumerable().Where(setting => !string.IsNullOrEmpty(setting.Value)))
            .Build();
        var failures = Schedules
            .Where(schedule => settings[schedule.Name] is null)
            .Select(schedule => $"{schedule.Name} is missing; example: {schedule.Example}.")
            .ToList();
        return failures.Count == 0 ? settings : throw new OptionsValidationException("Schedules", typeof(string), failures);
    }
}
