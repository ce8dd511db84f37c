namespace EventFunctions.Infra.Tests;

public sealed class SubscriptionTests
{
    [Fact]
    public async Task Functions_are_subscribed_only_after_the_code_is_there()
    {
        // The last that is made at all, so that whatever did not wait for the code had every chance to come first.
        var azure = new MockedAzure { Hold = ("code", "server-errors") };
        await Run.WithAsync(azure);
        var order = azure.Made.Select(m => m.Name).ToList();
        var deadLetters = azure.Made.ToList().FindIndex(m => m.Type == "azure-native:eventgrid:SystemTopicEventSubscription");

        Assert.True(order.IndexOf("code") > order.IndexOf("server-errors"));
        Assert.True(order.IndexOf("enrichment") > order.IndexOf("code"));
        Assert.True(deadLetters > order.IndexOf("code"));
    }

    [Fact]
    public async Task App_and_subscriptions_wait_until_roles_are_in_effect()
    {
        var run = await Run.WithAsync(("consumers", """[{"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events"}]"""));

        Assert.Contains("roles-in-effect", await run.WaitsForAsync("app"));
        Assert.Contains("roles-in-effect", await run.WaitsForAsync("enrichment"));
        Assert.Contains("roles-in-effect", await run.WaitsForAsync("billing"));
        Assert.Equal(
            run.Resources.Where(r => r.Type.EndsWith("RoleAssignment", StringComparison.Ordinal)).Select(r => r.Name).Order(StringComparer.Ordinal),
            (await run.WaitsForAsync("roles-in-effect")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task New_roles_are_waited_for_again_and_new_code_is_deployed_again()
    {
        var run = await Run.WithAsync();

        Assert.Equal(run.Resources.Where(r => r.Type.EndsWith("RoleAssignment", StringComparison.Ordinal)).Select(r => $"id:{r.Name}").Order(StringComparer.Ordinal),
            run["roles-in-effect"].Texts("triggers").Order(StringComparer.Ordinal));
        Assert.Equal(["hash-of-the-code", "id:app"], run["code"].Texts("triggers"));
        Assert.Matches(
            $"^dotnet [^ ]*EventFunctions.Infra.dll upload --subscription 11111111-2222-3333-4444-555555555555 --resource-group events-test --app {run["app"].Text("name")} "
                + "--workspace customer:logs --package bin/package.zip$",
            run["code"].Text("create"));
    }

    [Fact]
    public async Task Code_is_deployed_when_nothing_changes_the_app_any_more()
    {
        var run = await Run.WithAsync(
            ("entra", """{"clientId":"7d1a0f5e-0000-0000-0000-000000000001","tenantId":"0c9b7a3d-0000-0000-0000-000000000002"}"""));

        Assert.Equal(["app", "entra", "no-basic-publishing", "no-ftp"], (await run.WaitsForAsync("code")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_enrichment_gets_single_events_but_not_what_the_service_publishes()
    {
        var enrichment = (await Run.WithAsync())["enrichment"];

        Assert.Equal("id:app/functions/EnrichEvent", enrichment.Text("destination.resourceId"));
        Assert.Equal("AzureFunction", enrichment.Text("destination.endpointType"));
        Assert.Equal("1", enrichment.Text("destination.maxEventsPerBatch"));
        Assert.Equal("CloudEventSchemaV1_0", enrichment.Text("eventDeliverySchema"));
        Assert.Equal(["StringNotEndsWith", "StringNotBeginsWith"], enrichment.Texts("filter.advancedFilters", "operatorType"));
        Assert.Equal(["type", "type"], enrichment.Texts("filter.advancedFilters", "key"));
        Assert.Equal([".enriched"], enrichment.Texts("filter.advancedFilters.0.values"));
        Assert.Equal(["eventfunctions."], enrichment.Texts("filter.advancedFilters.1.values"));
        Assert.Equal("deadletters-enrichment", enrichment.Text("deadLetterWithResourceIdentity.deadLetterDestination.blobContainerName"));
        Assert.Equal("SystemAssigned", enrichment.Text("deadLetterWithResourceIdentity.identity.type"));
    }

    [Fact]
    public async Task The_queue_of_deliveries_is_there_before_the_app_with_a_place_for_what_fails()
    {
        var run = await Run.WithAsync();

        Assert.Equal(["webhook-deliveries", "webhook-deliveries-poison"], run.OfType("storage:Queue").Select(q => q.Text("queueName")).Order(StringComparer.Ordinal));
        Assert.Superset(new HashSet<string> { "webhook-deliveries", "webhook-deliveries-poison" }, (await run.WaitsForAsync("app")).ToHashSet());
    }

    [Fact]
    public async Task Dead_letters_are_recorded_and_their_own_dead_letters_are_not()
    {
        var letters = Assert.Single((await Run.WithAsync()).OfType("eventgrid:SystemTopicEventSubscription"));
        var prefix = letters.Text("filter.subjectBeginsWith")!;
        var own = letters.Text("deadLetterWithResourceIdentity.deadLetterDestination.blobContainerName");

        Assert.Equal("id:app/functions/RecordDeadLetters", letters.Text("destination.resourceId"));
        Assert.Equal("CloudEventSchemaV1_0", letters.Text("eventDeliverySchema"));
        Assert.Equal(["Microsoft.Storage.BlobCreated"], letters.Texts("filter.includedEventTypes"));
        Assert.StartsWith(prefix, "/blobServices/default/containers/deadletters-enrichment/blobs/x", StringComparison.Ordinal);
        Assert.False($"/blobServices/default/containers/{own}/blobs/x".StartsWith(prefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_relay_waits_as_long_as_the_subscription_tries()
    {
        var run = await Run.WithAsync(("subscriptionTimeToLiveHours", "6"), ("maxDeliveryAttempts", "12"));

        Assert.All(run.OfType("eventgrid:EventSubscription").Concat(run.OfType("eventgrid:SystemTopicEventSubscription")), subscription =>
        {
            Assert.Equal("360", subscription.Text("retryPolicy.eventTimeToLiveInMinutes"));
            Assert.Equal("12", subscription.Text("retryPolicy.maxDeliveryAttempts"));
        });
        Assert.Equal("06:00:00", AppSettingTests.Setting(run, "Relay__SubscriptionTimeToLive"));
    }

    [Fact]
    public async Task A_consumer_is_never_called_as_something_that_the_program_makes_itself()
    {
        var own = (await Run.WithAsync()).OfType("eventgrid:EventSubscription").Select(s => s.Name);

        Assert.All(own, name => Assert.Throws<Infra.Configuration.InvalidSettingsException>(
            () => Run.Settings(("consumers", $$"""[{"name":"{{name}}","kind":"webhook","endpoint":"https://x"}]"""))));
    }

    [Fact]
    public async Task Consumers_get_what_they_asked_for_where_they_asked_for_it()
    {
        var run = await Run.WithAsync(("consumers", """
            [
              {"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events","types":["policy.renewed.enriched"],"subjectBeginsWith":"policy-",
               "filters":[{"operatorType":"numbergreaterthan","key":"data.premium","value":100.5},{"operatorType":"StringIn","key":"source","values":["/a","/b"]}]},
              {"name":"archive","kind":"storageQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","queue":"in"},
              {"name":"orders","kind":"serviceBusQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/queues/q"}
            ]
            """));
        var billing = run["billing"];

        Assert.Equal("https://billing.example.com/events", billing.Text("destination.endpointUrl"));
        Assert.Equal("1.2", billing.Text("destination.minimumTlsVersionAllowed"));
        Assert.Equal(["policy.renewed.enriched"], billing.Texts("filter.includedEventTypes"));
        Assert.Equal("policy-", billing.Text("filter.subjectBeginsWith"));
        Assert.Equal("NumberGreaterThan", billing.Text("filter.advancedFilters.0.operatorType"));
        Assert.Equal("100.5", billing.Text("filter.advancedFilters.0.value"));
        Assert.Equal(["/a", "/b"], billing.Texts("filter.advancedFilters.1.values"));
        Assert.Equal("deadletters-billing", billing.Text("deadLetterWithResourceIdentity.deadLetterDestination.blobContainerName"));
        Assert.Equal("StorageQueue", run["archive"].Text("deliveryWithResourceIdentity.destination.endpointType"));
        Assert.Equal("in", run["archive"].Text("deliveryWithResourceIdentity.destination.queueName"));
        Assert.Equal("SystemAssigned", run["archive"].Text("deliveryWithResourceIdentity.identity.type"));
        Assert.Null(run["archive"].At("destination"));
        Assert.Equal("ServiceBusQueue", run["orders"].Text("deliveryWithResourceIdentity.destination.endpointType"));
    }
}
