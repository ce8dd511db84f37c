using System.Globalization;
using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.Web.Inputs;
using RandomBytes = Pulumi.Random.RandomBytes;

namespace EventFunctions.Infra.Components;

/// <summary>What the function app's settings are made of.</summary>
internal sealed record FunctionEnvironment
{
    public required Output<string> ClientId { get; init; }

    public required Output<string> OutgoingClientId { get; init; }

    public required Output<string> HostAccount { get; init; }

    public required Output<string> DeadLetterAccount { get; init; }

    public required Output<string> InsightsConnection { get; init; }

    public required Output<string> StoreEndpoint { get; init; }

    public required Output<string> TopicEndpoint { get; init; }

    public required Output<string> PublicUrl { get; init; }

    public required RandomBytes ContinuationKey { get; init; }

    /// <summary>The reference to the administration key in Key Vault; null for no key.</summary>
    public required Output<string>? AdministrationKey { get; init; }
}

/// <summary>The function app's settings, under the names that the code reads.</summary>
internal static class FunctionSettings
{
    private static readonly string[] OursBegin =
        [
            "Administration__", "AzureWebJobs", "APPLICATIONINSIGHTS_", "AzureIdentity__", "DeadLetters__", "EventGrid__", "FUNCTIONS_", "WEBSITE_",
        ];

    // Keys among them, which an account without local authentication would refuse anyway.
    private static readonly string[] Ours =
    [
        "Cosmos__Endpoint", "Cosmos__Database", "Cosmos__EventsContainer", "Cosmos__Key", "Cosmos__ConnectionString",
        "Store", "TickSchedule", "Relay__SubscriptionTimeToLive",
        "Api__ContinuationKey", "Enrichment__PublicUrl", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
        "Enrichment__RecordTimeToLive", "Enrichment__KeepForever", "Enrichment__DataTimeToLive",
    ];

    /// <summary>Whether this program alone gives a setting its value.</summary>
    /// <param name="name">The setting's name, with <c>:</c> or <c>__</c>.</param>
    public static bool IsOurs(string name)
    {
        var normal = name.Replace(":", "__", StringComparison.Ordinal);
        return Ours.Contains(normal, StringComparer.OrdinalIgnoreCase)
            || OursBegin.Any(begin => normal.StartsWith(begin, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>All settings, in the order of their names.</summary>
    public static InputList<NameValuePairArgs> Create(StackSettings settings, FunctionEnvironment from)
    {
        var values = new SortedDictionary<string, Output<string>>(StringComparer.Ordinal)
        {
            ["AzureWebJobsStorage__accountName"] = from.HostAccount,
            ["AzureWebJobsStorage__credential"] = Output.Create("managedidentity"),
            ["AzureWebJobsStorage__clientId"] = from.ClientId,
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = from.InsightsConnection,
            ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = Output.Format($"ClientId={from.ClientId};Authorization=AAD"),
            // The Functions host reads these too; without them both send five traces a second.
            ["OTEL_TRACES_SAMPLER"] = Output.Create("microsoft.fixed_percentage"),
            ["OTEL_TRACES_SAMPLER_ARG"] = Output.Create((settings.TracePercentage / 100m).ToString("0.##", CultureInfo.InvariantCulture)),
            ["AzureIdentity__ClientId"] = from.ClientId,
            ["AzureIdentity__OutgoingClientId"] = from.OutgoingClientId,
            ["Store"] = Output.Create("Cosmos"),
            ["Cosmos__Endpoint"] = from.StoreEndpoint,
            ["Cosmos__Database"] = Output.Create(EventStoreDatabase.DatabaseName),
            ["Cosmos__EventsContainer"] = Output.Create("events"),
            ["DeadLetters__Endpoint"] = Output.Format($"https://{from.DeadLetterAccount}.blob.core.windows.net/"),
            ["EventGrid__Endpoint"] = from.TopicEndpoint,
            ["TickSchedule"] = Output.Create(settings.TickSchedule),
            // What Event Grid still tries to deliver, the relay must not publish again.
            ["Relay__SubscriptionTimeToLive"] = Output.Create(Duration(TimeSpan.FromHours(settings.SubscriptionTimeToLiveHours))),
            // Stops a sender in a loop before it costs money; appSettings may set another.
            ["Quotas__EventsPerMinute"] = Output.Create("6000"),
            ["Api__ContinuationKey"] = Output.CreateSecret(from.ContinuationKey.Base64),
            ["Enrichment__PublicUrl"] = from.PublicUrl,
        };
        if (from.AdministrationKey is { } administration)
            values["Administration__Key"] = administration;

        foreach (var (index, administrator) in settings.Administrators.Index())
            values[$"Administration__Administrators__{index}"] = Output.Create(administrator.ToString());

        foreach (var (index, origin) in settings.StreamOrigins.Index())
            values[$"Stream__AllowedOrigins__{index}"] = Output.Create(origin);

        if (settings.RecordDays is { } record)
            values["Enrichment__RecordTimeToLive"] = Output.Create(Duration(TimeSpan.FromDays(record)));
        else
            values["Enrichment__KeepForever"] = Output.Create("true");

        if (settings.DataDays is { } data)
            values["Enrichment__DataTimeToLive"] = Output.Create(Duration(TimeSpan.FromDays(data)));

        foreach (var (name, value) in settings.AppSettings)
            values[name.Replace(":", "__", StringComparison.Ordinal)] = Output.CreateSecret(value);

        var pairs = new InputList<NameValuePairArgs>();
        foreach (var (name, value) in values)
            pairs.Add(new NameValuePairArgs { Name = name, Value = value });

        return pairs;
    }

    private static string Duration(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);
}
