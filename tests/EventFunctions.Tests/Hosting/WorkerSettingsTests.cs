using System.Collections;
using EventFunctions.Composition;
using EventFunctions.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Hosting;

/// <summary>What the deployed app makes of its settings.</summary>
public sealed class WorkerSettingsTests
{
    private static readonly Dictionary<string, string?> Complete = new()
    {
        ["Store"] = "Cosmos",
        ["Cosmos:Endpoint"] = "https://events.documents.azure.com:443/",
        ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
        ["EventGrid:Endpoint"] = "https://events.westeurope-1.eventgrid.azure.net/api/events",
        ["DeadLetters:Endpoint"] = "https://events.blob.core.windows.net/",
        ["AzureWebJobsStorage:accountName"] = "events",
        ["TickSchedule"] = "0 * * * * *",
    };

    public static TheoryData<string> Schedules =>
    [
        .. typeof(LocalHost).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters())
            .SelectMany(parameter => parameter.GetCustomAttributes(typeof(TimerTriggerAttribute), inherit: false))
            .Select(trigger => ((TimerTriggerAttribute)trigger).Schedule)
            .Where(schedule => schedule.StartsWith('%'))
            .Select(schedule => schedule.Trim('%')),
    ];

    [Fact]
    public void Complete_settings_start_the_app() => Assert.Null(FaultWith([]));

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_timer_without_its_schedule_stops_the_app(string name) =>
        Assert.StartsWith($"{name} is missing; example: ", FaultWith(new() { [name] = null }), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_timer_with_a_schedule_that_the_host_cannot_read_stops_the_app(string name) =>
        Assert.StartsWith($"{name} is \"every minute\", which is not an NCRONTAB expression; example: ", FaultWith(new() { [name] = "every minute" }), StringComparison.Ordinal);

    [Fact]
    public void A_schedule_may_leave_out_the_seconds() => Assert.Null(FaultWith(new() { ["TickSchedule"] = "*/5 * * * *" }));

    [Theory]
    [InlineData("Store", null, "Store is \"\"", "example: Cosmos.")]
    [InlineData("Store", "cosmos", "Store is \"cosmos\"", "example: Cosmos.")]
    [InlineData("Cosmos:Endpoint", null, "Cosmos:Endpoint is missing", "example: https://events.documents.azure.com:443/.")]
    [InlineData("Cosmos:Endpoints", "x", "Cosmos:Endpoints is not a setting. Use one of ConnectionMode", "Endpoint")]
    [InlineData("EventGrid:Endpoint", null, "EventGrid:Endpoint is missing", "example: https://events.westeurope-1.eventgrid.azure.net/api/events.")]
    [InlineData("Api:ContinuationKey", null, "Api:ContinuationKey must be base64", "openssl rand -base64 32")]
    [InlineData("AzureWebJobsStorage:accountName", null, "AzureWebJobsStorage is missing", "example: UseDevelopmentStorage=true")]
    [InlineData("Relay:PageSize", "many", "Relay:PageSize is \"many\"", "example: 500.")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "nonsense", "APPLICATIONINSIGHTS_CONNECTION_STRING is no", "example: InstrumentationKey=")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=;x=y", "APPLICATIONINSIGHTS_CONNECTION_STRING is no", "example: InstrumentationKey=")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=1;IngestionEndpoint=nowhere", "APPLICATIONINSIGHTS_CONNECTION_STRING is no", "example: InstrumentationKey=")]
    [InlineData("Administration:Key", "@Microsoft.KeyVault(SecretUri=https://events.vault.azure.net/secrets/administration-key)", "Administration:Key is a reference to Key Vault that was not resolved.", "Key Vault Secrets User")]
    [InlineData("Api:ContinuationKey", "@microsoft.keyvault(VaultName=events;SecretName=key)", "Api:ContinuationKey is a reference to Key Vault", "the portal")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense", "OTEL_EXPORTER_OTLP_ENDPOINT is \"nonsense\"", "example: http://localhost:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is \"localhost:4317\"", "example: http://localhost:4317.")]
    public void A_missing_or_wrong_setting_is_named_with_an_example_in_one_line(string name, string? value, string told, string example)
    {
        var fault = FaultWith(new() { [name] = value });

        Assert.NotNull(fault);
        Assert.StartsWith(told, fault, StringComparison.Ordinal);
        Assert.Contains(example, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Theory]
    [InlineData("ProducerSecrets__POLICIES")]
    [InlineData("WebhookSecrets__CRM_TOKEN")]
    public void A_secret_of_others_that_the_vault_does_not_give_counts_as_not_set(string name)
    {
        var settings = Complete.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        settings[name] = "@Microsoft.KeyVault(SecretUri=https://events.vault.azure.net/secrets/other)";

        Assert.Null(WorkerSettings.Read(settings)[name.Replace("__", ":", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("WEBSITE_SITE_NAME")]
    public void Sqlite_is_refused_inside_Azure(string mark) =>
        Assert.Equal(
            $"Store is Sqlite, but this is Azure ({mark} is set), where instances have no shared or durable disk; example: Cosmos.",
            FaultWith(new() { ["Store"] = "Sqlite", ["Sqlite:Path"] = "events.db", [mark] = "app" }));

    [Fact]
    public void A_setting_that_the_embedded_store_does_not_have_stops_the_app() =>
        Assert.Equal("Sqlite:File is not a setting. Use Path.", FaultWith(new() { ["Store"] = "Sqlite", ["Sqlite:Path"] = "events.db", ["Sqlite:File"] = "x" }));

    [Fact]
    public void Several_wrong_settings_are_all_named_in_one_line()
    {
        var fault = FaultWith(new() { ["Cosmos:Endpoint"] = null, ["EventGrid:Endpoint"] = null });

        Assert.NotNull(fault);
        Assert.Contains("Cosmos:Endpoint is missing", fault, StringComparison.Ordinal);
        Assert.Contains("EventGrid:Endpoint is missing", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Fact]
    public void A_setting_left_empty_is_one_not_set() =>
        Assert.Null(FaultWith(new() { ["EventGrid:Key"] = "", ["Cosmos:Key"] = "", ["Relay:PageSize"] = "" }));

    [Fact]
    public void Settings_of_the_telemetry_as_they_should_be_start_the_app() =>
        Assert.Null(FaultWith(new()
        {
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://in.example.com/;",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:4317",
        }));

    [Fact]
    public void An_error_in_the_program_is_no_fault_of_the_settings() => Assert.Null(StartFault.Explain(new InvalidOperationException()));

    private static string? FaultWith(Dictionary<string, string?> changes) => Fault(Complete.Concat(changes).GroupBy(setting => setting.Key)
        .ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Last().Value));

    /// <summary>What the app says that it does not start; null where it does. As in its Program.cs.</summary>
    internal static string? Fault(IDictionary environment)
    {
        try
        {
            using var services = new ServiceCollection().AddLogging().AddEventFunctions(WorkerSettings.Read(environment)).BuildServiceProvider();
            services.GetService<IStartupValidator>()?.Validate();
            return null;
        }
        catch (Exception e) when (StartFault.Explain(e) is { } fault)
        {
            return fault;
        }
    }
}
