using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace EventFunctions.Infra.Configuration;

/// <summary>The stack's configuration; <c>docs/deploy.md</c> has the same as a table.</summary>
internal sealed partial record StackSettings
{
    /// <summary>The key of the Azure region, the only one that has to be set.</summary>
    public const string Location = "azure-native:location";

    private const string AdministratorsExample = """["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]""";

    /// <summary>What the names of all resources begin with.</summary>
    public required string Name { get; init; }

    /// <summary>The Azure region.</summary>
    public required string Region { get; init; }

    /// <summary>The folder with the published function app; null publishes it.</summary>
    public required string? Package { get; init; }

    /// <summary>The memory of an instance in MB.</summary>
    public required int InstanceMemory { get; init; }

    /// <summary>The most instances.</summary>
    public required int MaximumInstances { get; init; }

    /// <summary>How many HTTP requests one instance answers at once before there is another.</summary>
    public required int PerInstanceConcurrency { get; init; }

    /// <summary>Instances that are kept running; none scales to zero.</summary>
    public required IReadOnlyList<AlwaysReady> AlwaysReady { get; init; }

    /// <summary>The throughput of the store's containers; null for a serverless account.</summary>
    public required StoreThroughput? Throughput { get; init; }

    /// <summary>How many days back the database can be restored to: 7 or 30.</summary>
    public required int BackupDays { get; init; }

    /// <summary>Whether what holds data is protected from deletion.</summary>
    public required bool Protect { get; init; }

    /// <summary>For how many hours Event Grid tries to deliver.</summary>
    public required int SubscriptionTimeToLiveHours { get; init; }

    /// <summary>How often Event Grid tries to deliver.</summary>
    public required int MaxDeliveryAttempts { get; init; }

    /// <summary>How many days a completed record is kept; null for ever.</summary>
    public required int? RecordDays { get; init; }

    /// <summary>How many days full data is kept, at most as many as its record; null for as long as that.</summary>
    public required int? DataDays { get; init; }

    /// <summary>When the service does what is due, in NCRONTAB with seconds.</summary>
    public required string TickSchedule { get; init; }

    /// <summary>Where consumers reach the service; null for the function app's own address.</summary>
    public required Uri? PublicUrl { get; init; }

    /// <summary>How many days logs are kept.</summary>
    public required int LogDays { get; init; }

    /// <summary>How many gigabytes of logs, traces and metrics are taken in a day; what comes beyond is lost.</summary>
    public required int DailyLogGigabytes { get; init; }

    /// <summary>What the resource group may cost in a month before e-mails are sent, in the subscription's currency; null for no budget.</summary>
    public required int? MonthlyBudget { get; init; }

    /// <summary>How many of a hundred traces are sent to Application Insights; metrics and logs all are.</summary>
    public required int TracePercentage { get; init; }

    /// <summary>Who is told of alerts.</summary>
    public required IReadOnlyList<string> AlertEmails { get; init; }

    /// <summary>The address space of a network of its own, behind which store, storage and publishing are hidden; null for none.</summary>
    public required IPNetwork? PrivateNetwork { get; init; }

    /// <summary>The networks that may call the service; none means all.</summary>
    public required IReadOnlyList<string> AllowedAddresses { get; init; }

    /// <summary>The origins whose pages may read the stream and the feed.</summary>
    public required IReadOnlyList<string> StreamOrigins { get; init; }

    /// <summary>The Entra ID application whose tokens are read; null for none.</summary>
    public required EntraSettings? Entra { get; init; }

    /// <summary>Whether there is an administration key, which is kept in a key vault.</summary>
    public required bool AdministrationKey { get; init; }

    /// <summary>The object IDs of those who may administer the service with a token; others need the administration key.</summary>
    public required IReadOnlyList<Guid> Administrators { get; init; }

    /// <summary>The subscriptions of consumers.</summary>
    public required IReadOnlyList<Consumer> Consumers { get; init; }

    /// <summary>Further settings of the function app, such as producers and their secrets; all of them are kept as secrets.</summary>
    public required IReadOnlyDictionary<string, string> AppSettings { get; init; }

    /// <summary>Reads the configuration.</summary>
    /// <param name="get">Gives the text of a key; null when it is not set.</param>
    /// <param name="set">The keys that are set.</param>
    /// <exception cref="InvalidSettingsException">Anything is wrong: everything that is, at once.</exception>
    public static StackSettings Read(Func<string, string?> get, IEnumerable<string> set)
    {
        var reader = new SettingsReader(get);
        var settings = new StackSettings
        {
            Name = reader.Text("name", "events", NameRule().IsMatch, "has not 2 to 12 small letters and digits, a letter first", "events"),
            Region = reader.Required(Location, "pulumi config set azure-native:location westeurope"),
            Package = reader.Get("package"),
            InstanceMemory = OneOf(reader, "instanceMemory", 512, 2048, 4096),
            MaximumInstances = reader.Number("maximumInstances", 100, 1, 1000),
            PerInstanceConcurrency = reader.Number("perInstanceConcurrency", 100, 1, 1000),
            AlwaysReady = reader.Structure<IReadOnlyList<AlwaysReady>>("alwaysReady", Configuration.AlwaysReady.Example) ?? [],
            Throughput = StoreThroughput.Read(reader),
            BackupDays = OneOf(reader, "backupDays", 7, 30),
            Protect = reader.Flag("protect", true),
            SubscriptionTimeToLiveHours = reader.Number("subscriptionTimeToLiveHours", 24, 1, 24),
            MaxDeliveryAttempts = reader.Number("maxDeliveryAttempts", 30, 1, 30),
            RecordDays = Days(reader),
            DataDays = reader.OptionalNumber("dataDays", 7, 3650, 90),
            TickSchedule = reader.Text(
                "tickSchedule", "0 * * * * *", s => s.Split(' ').Length == 6, "has not the six fields of an NCRONTAB expression", "0 * * * * *"),
            PublicUrl = Url(reader, reader.Get("publicUrl")),
            LogDays = reader.Number("logDays", 30, 30, 730),
            DailyLogGigabytes = reader.Number("dailyLogGigabytes", 1, 1, 1000),
            MonthlyBudget = reader.OptionalNumber("monthlyBudget", 1, 1_000_000, 100),
            TracePercentage = reader.Number("tracePercentage", 10, 1, 100),
            AlertEmails = Emails(reader),
            PrivateNetwork = Network(reader, reader.Get("privateNetwork")),
            AllowedAddresses = reader.Networks("allowedAddresses", "203.0.113.0/24"),
            StreamOrigins = Origins(reader),
            Entra = reader.Structure<EntraSettings>("entra", EntraSettings.Example),
            AdministrationKey = reader.Flag("administrationKey", true),
            Administrators = reader.Structure<IReadOnlyList<Guid>>("administrators", AdministratorsExample) ?? [],
            Consumers = reader.Structure<IReadOnlyList<Consumer>>("consumers", Consumer.Example) ?? [],
            AppSettings = reader.Structure<Dictionary<string, string>>("appSettings", """{"Producers__0__name":"policies"}""")
                ?? new Dictionary<string, string>(),
        };
        settings.Validate(reader);
        reader.RefuseOthers(set);
        reader.ThrowIfWrong();
        return settings;
    }

    private static int? Days(SettingsReader reader)
    {
        var days = reader.OptionalNumber("recordDays", 7, 3650, 90);
        if (!reader.Flag("keepForever", false))
            return days ?? 90;

        if (days is not null)
            reader.Add($"keepForever is true, but recordDays is {days}. Remove one of them.");

        return null;
    }

    private void Validate(SettingsReader reader)
    {
        if (DataDays > RecordDays)
            reader.Wrong("dataDays", $"{DataDays}", $"is more than the {RecordDays} of recordDays", $"{RecordDays}");

        foreach (var error in AlwaysReady.SelectMany(a => a.Validate("alwaysReady")).Concat(Consumers.SelectMany(c => c.Validate("consumers"))))
            reader.Add(error);

        if (MonthlyBudget is not null && AlertEmails.Count == 0)
            reader.Add("monthlyBudget sends e-mails, but alertEmails has nobody; example: [\"oncall@example.com\"].");

        if (Administrators.Count > 0 && Entra is null)
            reader.Add($"administrators come with tokens, which are read only where entra is set; example: {EntraSettings.Example}.");

        if (!AdministrationKey && Administrators.Count == 0)
            reader.Add($"administrationKey is false and administrators has nobody, so that nobody could administer the service; example: {AdministratorsExample}.");

        foreach (var name in Consumers.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key))
            reader.Add($"consumers has \"{name}\" more than once; example: {Consumer.Example}.");

        foreach (var name in AppSettings.Keys.Where(Components.FunctionSettings.IsOurs))
            reader.Add($"appSettings sets {name}, which this program sets itself; example: {{\"Producers__0__name\":\"policies\"}}.");
    }

    private static int OneOf(SettingsReader reader, string key, int otherwise, params int[] others)
    {
        var number = reader.Number(key, otherwise, 0, int.MaxValue);
        if (number != otherwise && !others.Contains(number))
            reader.Wrong(key, $"{number}", $"is none of {string.Join(", ", others.Append(otherwise).Order())}", $"{otherwise}");

        return number;
    }

    private static Uri? Url(SettingsReader reader, string? text)
    {
        if (text is null)
            return null;

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
            return url;

        reader.Wrong("publicUrl", text, "is no https URL", "https://events.example.com/");
        return null;
    }

    private static IPNetwork? Network(SettingsReader reader, string? text)
    {
        if (text is null)
            return null;

        if (IPNetwork.TryParse(text, out var network)
            && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            && network.PrefixLength is >= 16 and <= 26)
        {
            return network;
        }

        reader.Wrong("privateNetwork", text, "is no IPv4 network of /16 to /26", "10.60.0.0/24");
        return null;
    }

    private static IReadOnlyList<string> Origins(SettingsReader reader)
    {
        const string example = """["https://app.example.com"]""";
        var origins = reader.Structure<IReadOnlyList<string>>("streamOrigins", example) ?? [];
        foreach (var origin in origins.Where(o => !Uri.TryCreate(o, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || url.GetLeftPart(UriPartial.Authority) != o))
            reader.Wrong("streamOrigins", origin, "is no origin: https and a host, without a path", example);

        return origins;
    }

    private static IReadOnlyList<string> Emails(SettingsReader reader)
    {
        const string example = """["oncall@example.com"]""";
        var emails = reader.Structure<IReadOnlyList<string>>("alertEmails", example) ?? [];
        foreach (var email in emails.Where(e => !MailAddress.TryCreate(e, out _)))
            reader.Wrong("alertEmails", email, "is no e-mail address", example);

        return emails;
    }

    [GeneratedRegex("^[a-z][a-z0-9]{1,11}$")]
    private static partial Regex NameRule();
}
