using Pulumi;
using Pulumi.AzureNative.EventGrid;
using Pulumi.AzureNative.EventGrid.Inputs;
using Pulumi.AzureNative.Web;
using Pulumi.Utilities;

namespace EventFunctions.Infra.Tests;

public sealed class AppSettingTests
{
    private const string KeyReference = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/administration-key/1)";

    [Fact]
    public async Task The_app_has_the_settings_that_the_code_reads_and_no_connection_string()
    {
        var run = await Run.WithAsync();

        Assert.Equal(
            [
                "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=ClientId=client:identity;Authorization=AAD",
                "APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=1;IngestionEndpoint=https://westeurope-1.in.applicationinsights.azure.com/",
                $"Administration__Key={KeyReference}",
                "Api__ContinuationKey=c2VjcmV0",
                "AzureIdentity__ClientId=client:identity",
                "AzureIdentity__OutgoingClientId=client:outgoing-identity",
                $"AzureWebJobsStorage__accountName={run["host-account"].Text("accountName")}",
                "AzureWebJobsStorage__clientId=client:identity",
                "AzureWebJobsStorage__credential=managedidentity",
                "Cosmos__Database=eventfunctions",
                $"Cosmos__Endpoint=https://{run["store-account"].Text("accountName")}.documents.azure.com:443/",
                "Cosmos__EventsContainer=events",
                $"DeadLetters__Endpoint=https://{run["storage-account"].Text("accountName")}.blob.core.windows.net/",
                $"Enrichment__PublicUrl=https://{run["app"].Text("name")}.azurewebsites.net/",
                "Enrichment__RecordTimeToLive=90.00:00:00",
                $"EventGrid__Endpoint=https://{run["events-topic"].Text("topicName")}.westeurope-1.eventgrid.azure.net/api/events",
                "OTEL_TRACES_SAMPLER=microsoft.fixed_percentage",
                "OTEL_TRACES_SAMPLER_ARG=0.1",
                "Quotas__EventsPerMinute=6000",
                "Relay__SubscriptionTimeToLive=1.00:00:00",
                "Store=Cosmos",
                "TickSchedule=0 * * * * *",
            ],
            Settings(run).Select(s => $"{s.Name}={s.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Configuration_reaches_the_app()
    {
        var run = await Run.WithAsync(
            ("recordDays", "60"),
            ("dataDays", "30"),
            ("publicUrl", "https://events.example.com/"),
            ("tickSchedule", "*/30 * * * * *"),
            ("tracePercentage", "5"),
            ("streamOrigins", """["https://app.example.com"]"""),
            ("appSettings", """{"Producers:0:name":"policies","ProducerSecrets__POLICIES":"s","Cosmos__ConnectionMode":"Gateway"}"""));

        Assert.Equal("60.00:00:00", Setting(run, "Enrichment__RecordTimeToLive"));
        Assert.Equal("30.00:00:00", Setting(run, "Enrichment__DataTimeToLive"));
        Assert.Equal("https://events.example.com/", Setting(run, "Enrichment__PublicUrl"));
        Assert.Equal("*/30 * * * * *", Setting(run, "TickSchedule"));
        Assert.Equal("https://app.example.com", Setting(run, "Stream__AllowedOrigins__0"));
        Assert.Equal("0.05", Setting(run, "OTEL_TRACES_SAMPLER_ARG"));
        Assert.Equal("Gateway", Setting(run, "Cosmos__ConnectionMode"));
        Assert.Equal("policies", Setting(run, "Producers__0__name"));
        Assert.Equal("s", Setting(run, "ProducerSecrets__POLICIES"));
    }

    [Fact]
    public async Task Records_are_kept_for_ever_only_if_the_configuration_asks_for_it()
    {
        var run = await Run.WithAsync(("keepForever", "true"));

        Assert.Equal("true", Setting(run, "Enrichment__KeepForever"));
        Assert.DoesNotContain(Settings(run), setting => setting.Name == "Enrichment__RecordTimeToLive");
    }

    [Fact]
    public async Task Administrators_reach_the_app()
    {
        var run = await Run.WithAsync(
            ("entra", """{"clientId":"7d1a0f5e-0000-0000-0000-000000000001","tenantId":"0c9b7a3d-0000-0000-0000-000000000002"}"""),
            ("administrators", """["3f2504e0-4f89-41d3-9a0c-0305e82c3301","9b2e1c7a-1111-4222-8333-444455556666"]"""));

        Assert.Equal("3f2504e0-4f89-41d3-9a0c-0305e82c3301", Setting(run, "Administration__Administrators__0"));
        Assert.Equal("9b2e1c7a-1111-4222-8333-444455556666", Setting(run, "Administration__Administrators__1"));
    }

    [Fact]
    public async Task A_stack_may_have_another_quota()
    {
        var run = await Run.WithAsync(("appSettings", """{"Quotas__EventsPerMinute":"60"}"""));

        Assert.Equal("60", Setting(run, "Quotas__EventsPerMinute"));
    }

    [Fact]
    public async Task The_administration_key_is_in_the_vault_and_not_among_the_settings()
    {
        var run = await Run.WithAsync();

        Assert.Equal("c2VjcmV0", run["administration-key-secret"].Text("properties.value"));
        Assert.Equal(KeyReference, Setting(run, "Administration__Key"));
        Assert.StartsWith("az keyvault secret show --vault-name ", await run.OutputAsync("administrationKeyCommand"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_whose_administrators_all_have_tokens_needs_neither_key_nor_vault()
    {
        var run = await Run.WithAsync(
            ("entra", """{"clientId":"7d1a0f5e-0000-0000-0000-000000000001","tenantId":"0c9b7a3d-0000-0000-0000-000000000002"}"""),
            ("administrators", """["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]"""),
            ("administrationKey", "false"),
            ("privateNetwork", "10.60.0.0/24"));

        Assert.DoesNotContain(Settings(run), s => s.Name == "Administration__Key");
        Assert.Empty(run.OfType("keyvault:Vault"));
        Assert.DoesNotContain(run.Resources, r => r.Name is "administration-key" or "administration-key-role" or "vault-endpoint" or "vault-diagnostics");
        Assert.DoesNotContain("administrationKeyCommand", run.OutputNames);
    }

    [Fact]
    public async Task Whatever_this_program_sets_cannot_be_set_beside_it()
    {
        var run = await Run.WithAsync(("recordDays", "90"), ("dataDays", "30"));

        // The quota is a default, which appSettings may replace.
        Assert.All(
            Settings(run).Where(s => s.Name != "Quotas__EventsPerMinute"), s => Assert.True(Infra.Components.FunctionSettings.IsOurs(s.Name), s.Name));
    }

    [Fact]
    public async Task Secrets_stay_secrets()
    {
        var run = await Run.WithAsync(("appSettings", """{"ProducerSecrets__POLICIES":"s"}"""));
        var site = await Value(run.Args<WebAppArgs>("app").SiteConfig!.ToOutput());
        var secret = new List<string>();
        foreach (var setting in await Value(site.AppSettings.ToOutput()))
        {
            var name = await Value(setting.Name!.ToOutput());
            if (await Output.IsSecretAsync(setting.Value!.ToOutput()))
                secret.Add(name);
        }

        Assert.Equal(["Api__ContinuationKey", "ProducerSecrets__POLICIES"], secret.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_address_that_may_carry_a_key_stays_a_secret()
    {
        var run = await Run.WithAsync(("consumers", """[{"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events?code=s"}]"""));
        var destination = Assert.IsType<WebHookEventSubscriptionDestinationArgs>(run.Args<EventSubscriptionArgs>("billing").Destination);

        Assert.True(await Output.IsSecretAsync(destination.EndpointUrl!.ToOutput()));
    }

    [Fact]
    public async Task The_plan_scales_to_zero_and_as_far_as_the_stack_says()
    {
        var run = await Run.WithAsync(
            ("instanceMemory", "4096"), ("maximumInstances", "40"), ("perInstanceConcurrency", "25"), ("alwaysReady", """[{"name":"http","count":2}]"""));
        var scale = (await Run.WithAsync())["app"].At("functionAppConfig.scaleAndConcurrency")!;
        var changed = run["app"].At("functionAppConfig.scaleAndConcurrency")!;

        Assert.Equal("dotnet-isolated 10.0", $"{run["app"].Text("functionAppConfig.runtime.name")} {run["app"].Text("functionAppConfig.runtime.version")}");
        Assert.Equal("FC1 FlexConsumption", $"{run["plan"].Text("sku.name")} {run["plan"].Text("sku.tier")}");
        Assert.Equal("512 100 100", $"{scale["instanceMemoryMB"]} {scale["maximumInstanceCount"]} {scale["triggers"]!["http"]!["perInstanceConcurrency"]}");
        Assert.Null(scale["alwaysReady"]);
        Assert.Equal("4096 40 25", $"{changed["instanceMemoryMB"]} {changed["maximumInstanceCount"]} {changed["triggers"]!["http"]!["perInstanceConcurrency"]}");
        Assert.Equal("http 2", $"{changed["alwaysReady"]![0]!["name"]} {changed["alwaysReady"]![0]!["instanceCount"]}");
    }

    [Fact]
    public async Task The_site_is_asked_for_nothing_that_its_plan_refuses()
    {
        string[] refused =
        [
            "alwaysOn", "ftpsState", "functionAppScaleLimit", "functionsRuntimeScaleMonitoringEnabled", "linuxFxVersion", "minimumElasticInstanceCount",
            "netFrameworkVersion", "preWarmedInstanceCount", "use32BitWorkerProcess", "vnetRouteAllEnabled", "windowsFxVersion",
        ];
        var site = (await Run.WithAsync(("privateNetwork", "10.60.0.0/24"), ("allowedAddresses", """["203.0.113.0/24"]""")))["app"].At("siteConfig")!.AsObject();

        Assert.All(refused, property => Assert.Null(site[property]));
    }

    private static Task<T> Value<T>(Output<T> output) => OutputUtilities.GetValueAsync(output);

    internal static string Setting(Run run, string name) => Assert.Single(Settings(run), s => s.Name == name).Value;

    private static IEnumerable<(string Name, string Value)> Settings(Run run) =>
        run["app"].Texts("siteConfig.appSettings", "name").Zip(run["app"].Texts("siteConfig.appSettings", "value"));
}
