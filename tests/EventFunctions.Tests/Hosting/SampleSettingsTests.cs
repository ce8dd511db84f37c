using System.Text.Json;
using EventFunctions.Administration;
using EventFunctions.Azure;
using EventFunctions.Azure.Blobs;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Composition;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Http;
using EventFunctions.Http.Webhooks;
using EventFunctions.Intake;
using EventFunctions.Intake.Feeds;
using EventFunctions.Jobs;
using EventFunctions.Local.CommandLine;
using EventFunctions.Local.EventGrid;
using EventFunctions.Local.Hosting;
using EventFunctions.Monitoring;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Queries;
using EventFunctions.Streams;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Hosting;

/// <summary>What <c>local.settings.sample.json</c> says is so.</summary>
public sealed class SampleSettingsTests
{
    private static readonly string SampleFile = Repository.File("local.settings.sample.json");

    public static TheoryData<string, Type> Sections => new()
    {
        { "Administration", typeof(AdministrationOptions) },
        { "Api", typeof(ApiOptions) },
        { "AzureIdentity", typeof(AzureIdentityOptions) },
        { "Cosmos", typeof(CosmosOptions) },
        { "DeadLetters", typeof(DeadLetterOptions) },
        { "Deliveries", typeof(DeliveryOptions) },
        { "Enrichment", typeof(EnrichmentOptions) },
        { "EventGrid", typeof(EventGridOptions) },
        { "Feeds", typeof(FeedsOptions) },
        { "Intake", typeof(IntakeOptions) },
        { "Jobs", typeof(JobOptions) },
        { "LocalEventGrid", typeof(LocalEventGridOptions) },
        { "Monitoring", typeof(MonitoringOptions) },
        { "ProducerClient", typeof(ProducerClientOptions) },
        { "Publication", typeof(PublicationOptions) },
        { "Quotas", typeof(QuotaOptions) },
        { "Registry", typeof(RegistryOptions) },
        { "Relay", typeof(RelayOptions) },
        { "Stream", typeof(StreamOptions) },
        { "Webhooks", typeof(WebhookClientOptions) },
    };

    // The host's own business, or a list that has no value to show.
    private static readonly string[] NotSettable =
    [
        "LocalEventGrid__Topics", "LocalEventGrid__DataFolder", "LocalEventGrid__PathPrefix", "LocalEventGrid__RetryDelays",
        "LocalEventGrid__BlobCreatedTopic",
    ];

    [Theory]
    [MemberData(nameof(Sections))]
    public void It_shows_every_setting_of_a_section(string section, Type options)
    {
        var shown = Values().Keys;

        var missing = options.GetProperties()
            .Where(property => property.SetMethod is not null)
            .Select(property => $"{section}__{property.Name}")
            .Except(NotSettable)
            .Where(name => !shown.Any(s => s == name || s.StartsWith(name + "__", StringComparison.Ordinal)));
        Assert.Empty(missing);
    }

    [Fact]
    public async Task A_host_starts_with_it()
    {
        using var content = new TemporaryFolder();
        using var data = new TemporaryFolder();
        File.Copy(SampleFile, content.File("local.settings.json"));

        await using var host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Urls = "http://127.0.0.1:0",
                DataDirectory = data.Path,
                ContentRoot = content.Path,
                Settings = new Dictionary<string, string?> { ["Sqlite:Path"] = data.File("events.db") },
            },
            TestContext.Current.CancellationToken);

        Assert.Equal("policies/{subject}?event={id}", host.Configuration["Producers:sample:data:template"]);
    }

    [Fact]
    public void The_app_starts_with_it() => Assert.Null(WorkerSettingsTests.Fault(Values()));

    [Fact]
    public async Task With_it_the_app_finds_the_local_Event_Grid_and_its_producer()
    {
        using var content = new TemporaryFolder();
        using var data = new TemporaryFolder();
        await using var host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Urls = "http://127.0.0.1:0",
                DataDirectory = data.Path,
                ContentRoot = content.Path,
                RunFunctions = false,
                FunctionsUrl = EventGridCommand.DefaultFunctions,
                TopicKey = EventGridCommand.TopicKey,
            },
            TestContext.Current.CancellationToken);

        var told = LocalSettings.ForFunctions(host, EventGridCommand.DefaultFunctions);
        var sample = Values();
        Assert.All(
            [
                "AzureWebJobsStorage", "Store", "EventGrid__Endpoint", "EventGrid__Key", "Enrichment__PublicUrl",
                "DeadLetters__ConnectionString", "Producers__sample__name", "Producers__sample__source", "Producers__sample__data__baseUrl",
                "Producers__sample__data__template",
            ],
            name => Assert.Equal(told[name].Replace(host.Address.AbsoluteUri, EventGridCommand.DefaultUrls + "/", StringComparison.Ordinal), sample[name]));
    }

    [Fact]
    public void It_shows_each_section_that_the_app_reads()
    {
        var services = new ServiceCollection().AddLogging()
            .AddEventFunctions(WorkerSettings.Read(new Dictionary<string, string>(Values()) { ["Store"] = "Cosmos", ["Cosmos__Endpoint"] = "https://events.example.com/" }));

        var read = services.Select(service => service.ServiceType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IOptionsChangeTokenSource<>))
            .Select(type => type.GetGenericArguments()[0])
            .Where(type => type.Namespace!.StartsWith(nameof(EventFunctions), StringComparison.Ordinal));
        Assert.Empty(read.Except(Sections.Select(section => section.Data.Item2)));
    }

    private static Dictionary<string, string> Values()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(SampleFile));
        return sample.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()!);
    }
}
