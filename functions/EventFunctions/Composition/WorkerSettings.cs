using System.Collections;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>The settings that the deployed app gets from the Functions host, as environment variables.</summary>
internal static class WorkerSettings
{
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ScheduleExample = "0 * * * * *";

    // The platform leaves the reference itself if it cannot read the secret; as a key, everybody could guess it.
    private const string VaultReference = "@Microsoft.KeyVault(";

    // One producer's or endpoint's missing secret stops that one only, not the app.
    private static readonly string[] OthersSecrets = ["ProducerSecrets:", "WebhookSecrets:"];

    /// <summary>Reads the settings. A setting left empty is one not set, as in <c>local.settings.json</c>.</summary>
    /// <param name="environment">The environment variables; <c>__</c> in a name stands for <c>:</c>.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong that only the Functions host reads, or the telemetry.</exception>
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

        var unresolved = given.Keys.Where(name => given[name]!.StartsWith(VaultReference, StringComparison.OrdinalIgnoreCase)).ToList();
        foreach (var secret in unresolved.Where(IsOthersSecret))
        {
            given.Remove(secret);
        }

        var failures = unresolved.Where(name => !IsOthersSecret(name))
            .Select(name =>
                $"{name} is a reference to Key Vault that was not resolved. Give the app's identity the role Key Vault Secrets User on the secret; "
                + "the portal shows the reason next to the setting.")
            .Concat(SettingNames.Misspelled(given.Keys.Where(SettingNames.MayBeOurs)))
            .ToList();
        if (ScheduleFailure(given.GetValueOrDefault(TickSchedule.Setting)) is { } fault)
        {
            failures.Add(fault);
        }

        if (given.GetValueOrDefault(Insights) is { } insights && !IsInsightsConnection(insights))
        {
            failures.Add($"{Insights} is not a connection string of Application Insights; example: "
                + "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/.");
        }

        if (given.GetValueOrDefault(Collector) is { } collector
            && !(Uri.TryCreate(collector, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)))
        {
            failures.Add($"{Collector} is \"{collector}\", which is not an http or https URL; example: http://localhost:4317.");
        }

        return failures.Count == 0
            ? new ConfigurationBuilder().AddInMemoryCollection(given).Build()
            : throw new OptionsValidationException("Settings", typeof(string), failures);
    }

    private static bool IsOthersSecret(string name) =>
        Array.Exists(OthersSecrets, section => name.StartsWith(section, StringComparison.OrdinalIgnoreCase));

    // Only the Functions host reads the schedule; without one it leaves out the function, and only its log says so.
    private static string? ScheduleFailure(string? schedule) =>
        schedule is null ? $"{TickSchedule.Setting} is missing; example: {ScheduleExample}."
        : TimerSchedule.TryParse(schedule) is null ? $"{TickSchedule.Setting} is \"{schedule}\", which is not an NCRONTAB expression; example: {ScheduleExample}."
        : null;

    // What the exporter asks of one; it would end the app with a stack trace.
    private static bool IsInsightsConnection(string connection)
    {
        var parts = connection.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(parts, IsInsightsPart)
            && Array.Exists(parts, part => part.StartsWith("InstrumentationKey=", StringComparison.OrdinalIgnoreCase) && part.Length > "InstrumentationKey=".Length);
    }

    private static bool IsInsightsPart(string part)
    {
        var end = part.IndexOf('=', StringComparison.Ordinal);
        return end > 0
            && (!part.AsSpan(0, end).EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase) || Uri.TryCreate(part[(end + 1)..], UriKind.Absolute, out _));
    }
}
