using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions;

/// <summary>The settings that the deployed app gets from the Functions host, as environment variables.</summary>
internal static class WorkerSettings
{
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

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
    /// <exception cref="OptionsValidationException">A timer has no schedule, or a setting of the telemetry is wrong.</exception>
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
        if (given.GetValueOrDefault(Insights) is { } insights && !HasInstrumentationKey(insights))
        {
            failures.Add($"{Insights} is no connection string of Application Insights; example: "
                + "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/.");
        }

        if (given.GetValueOrDefault(Collector) is { } collector
            && !(Uri.TryCreate(collector, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)))
        {
            failures.Add($"{Collector} is \"{collector}\", which is no http or https URL; example: http://localhost:4317.");
        }

        return failures.Count == 0
            ? new ConfigurationBuilder().AddInMemoryCollection(given).Build()
            : throw new OptionsValidationException("Settings", typeof(string), failures);
    }

    // What the exporter asks of one; it would end the app with a stack trace.
    private static bool HasInstrumentationKey(string connection)
    {
        var parts = connection.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(parts, part => part.IndexOf('=', StringComparison.Ordinal) > 0)
            && Array.Exists(parts, part => part.StartsWith("InstrumentationKey=", StringComparison.OrdinalIgnoreCase) && part.Length > "InstrumentationKey=".Length);
    }
}
