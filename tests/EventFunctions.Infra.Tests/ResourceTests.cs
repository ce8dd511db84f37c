using System.Text.Json.Nodes;

namespace EventFunctions.Infra.Tests;

public sealed class ResourceTests
{
    private const string Everything = """
        [
          {"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events?code=1"},
          {"name":"archive","kind":"storageQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/archive","queue":"events"}
        ]
        """;

    [Fact]
    public async Task A_stack_with_defaults_has_exactly_these_resources()
    {
        var run = await Run.WithAsync();

        Assert.Equal(
            [
                "azure-native:applicationinsights:Component insights",
                "azure-native:applicationinsights:Workbook workbook",
                "azure-native:authorization:RoleAssignment administration-key-role",
                "azure-native:authorization:RoleAssignment azure-webjobs-hosts-role",
                "azure-native:authorization:RoleAssignment azure-webjobs-secrets-role",
                "azure-native:authorization:RoleAssignment enrichment-dead-letters-reader",
                "azure-native:authorization:RoleAssignment enrichment-dead-letters-role",
                "azure-native:authorization:RoleAssignment host-tables-role",
                "azure-native:authorization:RoleAssignment package-role",
                "azure-native:authorization:RoleAssignment publish-role",
                "azure-native:authorization:RoleAssignment telemetry-role",
                "azure-native:authorization:RoleAssignment undelivered-role",
                "azure-native:authorization:RoleAssignment webhook-deliveries-poison-role",
                "azure-native:authorization:RoleAssignment webhook-deliveries-role",
                "azure-native:cosmosdb:DatabaseAccount store-account",
                "azure-native:cosmosdb:SqlResourceSqlContainer deliveries",
                "azure-native:cosmosdb:SqlResourceSqlContainer entities",
                "azure-native:cosmosdb:SqlResourceSqlContainer events",
                "azure-native:cosmosdb:SqlResourceSqlContainer producers",
                "azure-native:cosmosdb:SqlResourceSqlContainer state",
                "azure-native:cosmosdb:SqlResourceSqlContainer webhooks",
                "azure-native:cosmosdb:SqlResourceSqlDatabase store-database",
                "azure-native:cosmosdb:SqlResourceSqlRoleAssignment store-role",
                "azure-native:eventgrid:EventSubscription enrichment",
                "azure-native:eventgrid:SystemTopic storage-topic",
                "azure-native:eventgrid:SystemTopicEventSubscription dead-letters",
                "azure-native:eventgrid:Topic events-topic",
                "azure-native:keyvault:Secret administration-key-secret",
                "azure-native:keyvault:Vault vault",
                "azure-native:managedidentity:UserAssignedIdentity deployment-identity",
                "azure-native:managedidentity:UserAssignedIdentity identity",
                "azure-native:managedidentity:UserAssignedIdentity outgoing-identity",
                "azure-native:monitor:DiagnosticSetting storage-diagnostics",
                "azure-native:monitor:DiagnosticSetting store-diagnostics",
                "azure-native:monitor:DiagnosticSetting topic-diagnostics",
                "azure-native:monitor:DiagnosticSetting vault-diagnostics",
                "azure-native:monitor:MetricAlert dead-letters",
                "azure-native:monitor:MetricAlert dropped-events",
                "azure-native:monitor:MetricAlert undelivered-dead-letters",
                "azure-native:monitor:ScheduledQueryRule answered-posts",
                "azure-native:monitor:ScheduledQueryRule completed-in-time",
                "azure-native:monitor:ScheduledQueryRule failed-enrichments",
                "azure-native:monitor:ScheduledQueryRule relay-backlog",
                "azure-native:monitor:ScheduledQueryRule server-errors",
                "azure-native:monitor:ScheduledQueryRule silent-deliveries",
                "azure-native:monitor:ScheduledQueryRule silent-feeds",
                "azure-native:monitor:ScheduledQueryRule silent-jobs",
                "azure-native:monitor:ScheduledQueryRule silent-monitoring",
                "azure-native:monitor:ScheduledQueryRule silent-relay",
                "azure-native:monitor:ScheduledQueryRule webhook-backlog",
                "azure-native:operationalinsights:Workspace logs",
                "azure-native:resources:ResourceGroup group",
                "azure-native:storage:BlobContainer app-package",
                "azure-native:storage:BlobContainer azure-webjobs-hosts",
                "azure-native:storage:BlobContainer azure-webjobs-secrets",
                "azure-native:storage:BlobContainer deadletters-enrichment",
                "azure-native:storage:BlobContainer undelivered-deadletters",
                "azure-native:storage:Queue webhook-deliveries",
                "azure-native:storage:Queue webhook-deliveries-poison",
                "azure-native:storage:StorageAccount host-account",
                "azure-native:storage:StorageAccount storage-account",
                "azure-native:web:AppServicePlan plan",
                "azure-native:web:WebApp app",
                "azure-native:web:WebAppFtpAllowed no-ftp",
                "azure-native:web:WebAppScmAllowed no-basic-publishing",
                "command:local:Command code",
                "command:local:Command roles-in-effect",
                "random:index/randomBytes:RandomBytes administration-key",
                "random:index/randomBytes:RandomBytes continuation-key",
            ],
            run.Resources.Select(r => $"{r.Type} {r.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_components_read_like_the_architecture()
    {
        var run = await Run.WithAsync(("privateNetwork", "10.60.0.0/24"));

        Assert.Equal(
            ["AdministrationVault", "Alerts", "DeadLetters", "EventStoreDatabase", "EventTopic", "FunctionService", "HostStorage", "Observability", "PrivateNetwork", "ServiceStorage", "Subscriptions"],
            run.Components.Select(c => c.Split(':')[^1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_run_asks_for_the_same()
    {
        (string, string)[] config =
            [("privateNetwork", "10.60.0.0/24"), ("consumers", Everything), ("alertEmails", """["oncall@example.com"]""")];

        var first = await Run.WithAsync(config);
        var second = await Run.WithAsync(config);

        Assert.Equal(Describe(first), Describe(second));
    }

    [Fact]
    public async Task Names_that_all_of_Azure_shares_differ_between_services()
    {
        var one = await Run.WithAsync(("name", "orders"));
        var other = await Run.WithAsync(("name", "claims"));

        Assert.All(
            [("storage-account", "accountName"), ("host-account", "accountName"), ("vault", "vaultName"), ("store-account", "accountName"), ("events-topic", "topicName"), ("app", "name")],
            ((string Resource, string Input) shared) =>
            {
                Assert.NotEqual(one[shared.Resource].Text(shared.Input), other[shared.Resource].Text(shared.Input));
                Assert.InRange(one[shared.Resource].Text(shared.Input)!.Length, 3, 24);
            });
    }

    [Fact]
    public async Task Outputs_say_where_the_service_is_and_how_to_get_keys()
    {
        var run = await Run.WithAsync(("privateNetwork", "10.60.0.0/24"));
        var app = run["app"].Text("name");

        Assert.Equal($"https://{app}.azurewebsites.net/api/events", await run.OutputAsync("endpoint"));
        Assert.EndsWith("/api/events", await run.OutputAsync("topicEndpoint"), StringComparison.Ordinal);
        Assert.Equal("principal:outgoing-identity", await run.OutputAsync("outgoingIdentity"));
        Assert.Equal("203.0.113.7", await run.OutputAsync("outboundAddress"));
        Assert.Equal(
            "az functionapp function keys set --subscription 11111111-2222-3333-4444-555555555555 --resource-group events-test "
                + $"--name {app} --function-name ReceiveEvents --key-name PRODUCER --query value --output tsv",
            await run.OutputAsync("producerKeyCommand"));
    }

    [Fact]
    public async Task Operators_are_told_of_every_alert()
    {
        var run = await Run.WithAsync(("alertEmails", """["oncall@example.com"]"""));

        Assert.Equal("oncall@example.com", run["operators"].Text("emailReceivers.0.emailAddress"));
        Assert.All(run.OfType("monitor:MetricAlert"), a => Assert.Equal("id:operators", a.Text("actions.0.actionGroupId")));
        Assert.All(run.OfType("monitor:ScheduledQueryRule"), a => Assert.Equal("id:operators", a.Text("actions.actionGroups.0")));
    }

    [Fact]
    public async Task What_takes_one_change_at_a_time_gets_one_at_a_time()
    {
        var run = await Run.WithAsync(("privateNetwork", "10.60.0.0/24"));

        Assert.Equal(Infra.Components.EventContainer.All.Select(c => c.Name), await run.WaitsForAsync("store-role"));
        Assert.Equal(["store-role"], await run.WaitsForAsync("store-endpoint"));
        Assert.Equal(["store-endpoint"], await run.WaitsForAsync("storage-endpoint"));
        Assert.Equal(["storage-endpoint"], await run.WaitsForAsync("host-blobs-endpoint"));
        Assert.Equal(["host-blobs-endpoint"], await run.WaitsForAsync("host-queues-endpoint"));
        Assert.Equal(["host-queues-endpoint"], await run.WaitsForAsync("host-tables-endpoint"));
        Assert.Equal(["host-tables-endpoint"], await run.WaitsForAsync("topic-endpoint"));
        Assert.Equal(["topic-endpoint"], await run.WaitsForAsync("vault-endpoint"));
        Assert.Equal(["app-subnet"], await run.WaitsForAsync("endpoints-subnet"));
    }

    private static IEnumerable<string> Describe(Run run) => run.Resources
        .Select(r => $"{r.Type} {r.Name} {Sorted(r.Inputs).ToJsonString()}")
        .Order(StringComparer.Ordinal);

    // Dictionaries come in any order.
    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject o => new JsonObject(
            o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value is null ? null : Sorted(p.Value)))!),
        JsonArray a => new JsonArray([.. a.Select(i => i is null ? null : Sorted(i))]),
        _ => node.DeepClone(),
    };
}
