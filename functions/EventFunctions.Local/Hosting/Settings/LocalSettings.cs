using EventFunctions.Composition;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Settings;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The settings of a host. Later ones go before earlier ones: defaults that make everything run on this machine,
/// <c>local.settings.json</c> in the content root, the one in the data folder, environment variables, the command line.
/// </summary>
internal static class LocalSettings
{
    /// <summary>The setting that switches the sample producer, its registration, and its first notification on or off.</summary>
    public const string SampleEnabled = "Sample:Enabled";

    /// <summary>The setting with the interval between the sample producers' events; zero for no events.</summary>
    public const string SampleEvery = "Sample:Every";

    /// <summary>The setting that names a file which gets a line for each fetch from the sample producer.</summary>
    public const string SampleFetchLog = "Sample:FetchLog";

    /// <summary>The setting with the topic's endpoint, which clients post to as given.</summary>
    public const string TopicEndpoint = "EventGrid:Endpoint";

    /// <summary>The setting with the topic's access key.</summary>
    public const string TopicKey = "EventGrid:Key";

    /// <summary>The setting with the key that signs continuations, in base64.</summary>
    public const string ContinuationKey = "Api:ContinuationKey";

    /// <summary>The setting with the key that administrators show.</summary>
    public const string AdministrationKey = "Administration:Key";

    /// <summary>The file in the data folder with the generated administration key.</summary>
    public const string AdministrationKeyFile = "administration.key";

    /// <summary>The name of the topic in the local Event Grid.</summary>
    public const string TopicName = "events";

    /// <summary>The section with the settings of the local Event Grid.</summary>
    public const string LocalEventGrid = "LocalEventGrid";

    /// <summary>The setting with the folder that dead letters are written to.</summary>
    public const string DeadLetterFolder = "LocalEventGrid:DeadLetterFolder";

    /// <summary>The setting with the storage account that takes the place of that folder.</summary>
    public const string DeadLetterConnectionString = "LocalEventGrid:DeadLetterConnectionString";

    private const string PublicUrl = "Enrichment:PublicUrl";
    private const string DeadLetterStorage = "DeadLetters:ConnectionString";

    // All settings of the sections that no options are read from.
    private static readonly string[] SingleSettings =
    [
        FunctionKeys.HostSetting, FunctionKeys.EventGridSetting, FunctionKeys.FunctionsSection, SampleEnabled, SampleEvery, SampleFetchLog,
    ];

    // Of the defaults, those that the service reads wherever it runs.
    private static readonly string[] ServiceDefaults =
    [
        "Store", "Sqlite:Path", TickSchedule.Setting,
        "Intake:FirstRelayAfter", PublicUrl, ContinuationKey, AdministrationKey, TopicEndpoint, TopicKey, DeadLetterStorage,
    ];

    /// <summary>Puts the settings together.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="data">The data folder, which keeps the secrets that nobody set.</param>
    /// <param name="self">The host's own URL, ending in a slash.</param>
    /// <exception cref="HostStartException">A settings file cannot be read, or a value makes no sense.</exception>
    public static IConfigurationRoot Build(LocalHostOptions options, DataFolder data, Uri self)
    {
        var ofContent = LocalSettingsFile.Read(Path.Combine(options.ContentRoot, LocalSettingsFile.Name));
        var ofData = LocalSettingsFile.Read(data.File(LocalSettingsFile.Name));
        ThrowIfAny(SettingNames.Misspelled([.. ofContent.Keys, .. ofData.Keys, .. options.Settings.Select(setting => setting.Key), .. Variables()]));
        ThrowIfAny(SettingNames.Unknown(options.Settings.Select(setting => setting.Key)));
        var given = new ConfigurationBuilder()
            .AddInMemoryCollection(ofContent)
            .AddInMemoryCollection(ofData)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(options.Settings)
            .Build();
        ThrowIfAny(UnknownIn(given));
        return new ConfigurationBuilder()
            .AddInMemoryCollection(Defaults(data, self, options.TopicKey))
            .AddInMemoryCollection(IsSampleEnabled(given) ? SampleProducers.Settings(self, data.Secret("insurer.key")) : [])
            .AddConfiguration(given)
            .AddInMemoryCollection(WhereDeadLettersAre(given, data))
            .Build();
    }

    /// <summary>Returns the endpoint of the service's topic in the local Event Grid.</summary>
    /// <param name="self">The host's own URL, ending in a slash.</param>
    public static string OwnTopic(Uri self) => new Uri(self, $"eventgrid/{TopicName}/api/events").AbsoluteUri;

    /// <summary>Whether the sample producer is on, which it is unless told otherwise.</summary>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="HostStartException">The setting is neither true nor false.</exception>
    public static bool IsSampleEnabled(IConfiguration configuration) => configuration[SampleEnabled] switch
    {
        null or "" => true,
        var text when bool.TryParse(text, out var enabled) => enabled,
        var text => throw new HostStartException($"{SampleEnabled} is \"{text}\", but must be true or false; example: false."),
    };

    private static IEnumerable<string> UnknownIn(IConfiguration given) =>
        from section in SingleSettings.GroupBy(setting => ConfigurationPath.GetParentPath(setting)!, setting => ConfigurationPath.GetSectionKey(setting)!)
        from setting in given.GetSection(section.Key).GetChildren()
        where !section.Contains(setting.Key, StringComparer.OrdinalIgnoreCase)
        select StrictSettings.Unknown(setting, section);

    private static void ThrowIfAny(IEnumerable<string> faults)
    {
        var all = string.Join(Environment.NewLine, faults);
        if (all.Length > 0)
        {
            throw new HostStartException(all);
        }
    }

    private static IEnumerable<string> Variables() =>
        Environment.GetEnvironmentVariables().Keys.OfType<string>().Where(SettingNames.MayBeOurs);

    // The service reads dead letters where this host's own Event Grid writes them, and nowhere else.
    private static IEnumerable<KeyValuePair<string, string?>> WhereDeadLettersAre(IConfiguration given, DataFolder data)
    {
        if (string.IsNullOrEmpty(given[DeadLetterFolder]))
        {
            yield return new(DeadLetterFolder, data.File("deadletters"));
        }

        if (given[DeadLetterConnectionString] is { Length: > 0 } connection)
        {
            yield return new(DeadLetterStorage, connection);
            yield return new("DeadLetters:Endpoint", null);
        }
    }

    /// <summary>The settings in <c>local.settings.json</c> for functions that run in another process on this machine.</summary>
    /// <param name="host">The host with the local Event Grid and the sample producer.</param>
    /// <param name="functions">Where the functions run, ending in a slash.</param>
    /// <returns>Each setting by its name, sections joined by <c>__</c>, none without a value.</returns>
    public static IReadOnlyDictionary<string, string> ForFunctions(LocalHost host, Uri functions)
    {
        var settings = new Dictionary<string, string>
        {
            ["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated",
            ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
        };
        var sample = IsSampleEnabled(host.Configuration) ? SampleProducers.Settings(host.Address, messageSecret: "").Select(setting => setting.Key) : [];
        foreach (var name in ServiceDefaults.Concat(sample))
        {
            settings[name.Replace(":", "__", StringComparison.Ordinal)] = name switch
            {
                PublicUrl => functions.AbsoluteUri,
                // Functions elsewhere cannot look into this host's folder: an account that they can read is Azurite's.
                DeadLetterStorage => host.Configuration[name] ?? "UseDevelopmentStorage=true",
                // The name of a producer's type is all there is to it, but a setting left empty is one not set.
                _ => host.Configuration[name] ?? "{}",
            };
        }

        return settings;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Defaults(DataFolder data, Uri self, string? topicKey) =>
    [
        new("Store", "Sqlite"),
        new("Sqlite:Path", data.File("events.db")),
        new(TickSchedule.Setting, "*/5 * * * * *"),
        new("Intake:FirstRelayAfter", "00:00:30"),
        new("Deliveries:MaxSentBeside", "512"),
        new(PublicUrl, self.AbsoluteUri),
        new(ContinuationKey, data.Secret("continuation.key")),
        new(AdministrationKey, data.Secret(AdministrationKeyFile)),
        new(TopicEndpoint, OwnTopic(self)),
        new(TopicKey, topicKey ?? data.Secret("topic.key")),
        new("Logging:LogLevel:Default", "Warning"),
        new("Logging:LogLevel:EventFunctions", "Information"),
    ];
}
