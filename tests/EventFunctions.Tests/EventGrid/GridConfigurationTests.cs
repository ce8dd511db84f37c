using EventFunctions.Local.EventGrid;

namespace EventFunctions.Tests.EventGrid;

public sealed class GridConfigurationTests
{
    [Fact]
    public void A_file_in_the_resource_models_words_is_read_whole()
    {
        var topic = Compile("""
            {
              // Comments and trailing commas are fine.
              "topics": [{
                "name": "events", "location": "local",
                "properties": { "inputSchema": "CloudEventSchemaV1_0", "provisioningState": "Succeeded" },
                "keys": { "key1": "a2V5", "key2": "b3RoZXI=" },
                "eventSubscriptions": [{
                  "name": "enrich",
                  "properties": {
                    "destination": {
                      "endpointType": "WebHook",
                      "properties": {
                        "endpointUrl": "http://127.0.0.1:7071/runtime/webhooks/EventGrid?functionName=EnrichEvent",
                        "maxEventsPerBatch": 100, "preferredBatchSizeInKilobytes": 512,
                        "deliveryAttributeMappings": [
                          { "name": "x-key", "type": "Static", "properties": { "value": "v", "isSecret": true } },
                          { "name": "x-subject", "type": "Dynamic", "properties": { "sourceField": "subject" } },
                        ]
                      }
                    },
                    "filter": {
                      "subjectBeginsWith": "a", "subjectEndsWith": "z", "isSubjectCaseSensitive": true, "includedEventTypes": ["t"],
                      "advancedFilters": [{ "operatorType": "StringNotEndsWith", "key": "type", "values": [".enriched"] }],
                      "enableAdvancedFilteringOnArrays": true
                    },
                    "eventDeliverySchema": "CloudEventSchemaV1_0",
                    "retryPolicy": { "maxDeliveryAttempts": 5, "eventTimeToLiveInMinutes": 60 },
                    "deadLetterDestination": {
                      "endpointType": "StorageBlob",
                      "properties": { "resourceId": "/subscriptions/x", "blobContainerName": "dead-letters" }
                    }
                  }
                }]
              }]
            }
            """).Single();

        var subscription = topic.Subscriptions.Single();
        Assert.Equal("functionName=EnrichEvent", subscription.Endpoint.Query[1..]);
        Assert.Equal((100, 512 * 1024, true), (subscription.MaxEventsPerBatch, subscription.PreferredBatchBytes, subscription.IsBatched));
        Assert.Equal((5, TimeSpan.FromHours(1)), (subscription.MaxDeliveryAttempts, subscription.TimeToLive));
        Assert.Equal("dead-letters", subscription.DeadLetterContainer);
        Assert.Equal(["x-key", "x-subject"], subscription.Headers.Select(h => h.Name));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_and_where()
    {
        var wrong = Assert.Throws<GridConfigurationException>(() => Compile("""
            {
              "topics": [
                { "name": "x", "properties": { "inputSchema": "CustomEventSchema" }, "keyz": {} },
                { "name": "events", "keys": { "key1": "k" }, "properties": { "inputSchema": "CloudEventSchemaV1_0" },
                  "eventSubscriptions": [
                    { "name": "one-1", "properties": {
                        "destination": { "endpointType": "Pigeon", "properties": { "endpointUrl": "ftp://x", "maxEventsPerBatch": 5001,
                          "preferredBatchSizeInKilobytes": 0, "deliveryAttributeMappings": [
                            { "name": "aeg-x", "type": "Static", "properties": { "value": "a" } },
                            { "name": "x", "type": "Fixed", "properties": { "value": "a\nb" } },
                            { "name": "y", "type": "Dynamic", "properties": { } } ] } },
                        "filter": { "subjectStartsWith": "a", "advancedFilters": [{ "operatorType": "StringIn", "key": "type", "values": [1] }] },
                        "eventDeliverySchema": "EventGridSchema",
                        "retryPolicy": { "maxDeliveryAttempts": 31, "eventTimeToLiveInMinutes": 0 },
                        "deadLetterDestination": { "properties": { "blobContainerName": "../up" } } } },
                    { "name": "ONE-1", "properties": { "destination": { "endpointType": "WebHook", "properties": { "endpointUrl": "http://x/" } } } } ] }
              ]
            }
            """));

        const string First = "/topics/1/eventSubscriptions/0/properties";
        Assert.Equal(
            new[]
            {
                "/topics/0/keys/key1", "/topics/0/keyz", "/topics/0/name", "/topics/0/properties/inputSchema",
                $"{First}/deadLetterDestination/properties/blobContainerName", $"{First}/destination/endpointType",
                $"{First}/destination/properties/deliveryAttributeMappings/0/name",
                $"{First}/destination/properties/deliveryAttributeMappings/1/properties/value",
                $"{First}/destination/properties/deliveryAttributeMappings/1/type",
                $"{First}/destination/properties/deliveryAttributeMappings/2/properties/sourceField",
                $"{First}/destination/properties/endpointUrl", $"{First}/destination/properties/maxEventsPerBatch",
                $"{First}/destination/properties/preferredBatchSizeInKilobytes", $"{First}/eventDeliverySchema",
                $"{First}/filter/advancedFilters/0/values/0", $"{First}/filter/subjectStartsWith",
                $"{First}/retryPolicy/eventTimeToLiveInMinutes", $"{First}/retryPolicy/maxDeliveryAttempts",
                "/topics/1/eventSubscriptions/1/name",
            }.Order(StringComparer.Ordinal),
            wrong.Errors.Select(e => e[..e.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", "topics.json: Not JSON at line 1, byte 2: Expected depth to be zero")]
    [InlineData("", "topics.json: Not JSON at line 1, byte 1: The text ends before any value.")]
    [InlineData("{}", "/topics")]
    [InlineData("""{"topics":[{"eventSubscriptions":7}]}""", "/topics/0/eventSubscriptions: must be an array")]
    [InlineData("""{"topics":[{"name":"a"},7]}""", "/topics/1: must be an object")]
    [InlineData("""{"topics":[{"name":"events","eventSubscriptions":[{"name":"one","filter":{"includedEventTypes":7}}]}]}""", "/topics/0/eventSubscriptions/0/filter/includedEventTypes: has a value of another type")]
    [InlineData("""[{"type":"Microsoft.EventGrid/eventSubscriptions","name":"one","topic":"/subscriptions/0/providers/Microsoft.EventGrid/topics/gone"}]""", "/0: is a subscription of the topic \"gone\"")]
    public void A_file_that_cannot_be_read_says_where(string json, string where)
    {
        var wrong = Assert.Throws<GridConfigurationException>(() => Compile(json));

        Assert.Contains(where, Assert.Single(wrong.Errors), StringComparison.Ordinal);
    }

    // az eventgrid topic show, and az eventgrid event-subscription list.
    private const string CliTopic = """
        { "dataResidencyBoundary": "WithinGeopair", "disableLocalAuth": false, "endpoint": "https://events.westeurope-1.eventgrid.azure.net/api/events",
          "extendedLocation": null, "id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.EventGrid/topics/events", "identity": null,
          "inboundIpRules": null, "inputSchema": "CloudEventSchemaV1_0", "inputSchemaMapping": null, "kind": "Azure", "location": "westeurope",
          "metricResourceId": "0", "name": "events", "privateEndpointConnections": null, "provisioningState": "Succeeded",
          "publicNetworkAccess": "Enabled", "resourceGroup": "rg", "sku": { "name": "Basic" }, "systemData": null, "tags": null,
          "type": "Microsoft.EventGrid/topics" }
        """;

    private const string CliSubscription = """
        { "deadLetterDestination": { "blobContainerName": "letters", "endpointType": "StorageBlob", "resourceId": "/subscriptions/0/x" },
          "deadLetterWithResourceIdentity": null, "deliveryWithResourceIdentity": null,
          "destination": { "azureActiveDirectoryApplicationIdOrUri": null, "azureActiveDirectoryTenantId": null,
            "deliveryAttributeMappings": [{ "isSecret": false, "name": "x-a", "type": "Static", "value": "1" }],
            "endpointBaseUrl": "https://crm.example.com/hook", "endpointType": "WebHook", "endpointUrl": null, "maxEventsPerBatch": 10,
            "minimumTlsVersionAllowed": null, "preferredBatchSizeInKilobytes": 64 },
          "eventDeliverySchema": "CloudEventSchemaV1_0", "expirationTimeUtc": null,
          "filter": { "advancedFilters": [{ "key": "data.x", "operatorType": "NumberIn", "values": [1] }], "enableAdvancedFilteringOnArrays": null,
            "includedEventTypes": null, "isSubjectCaseSensitive": null, "subjectBeginsWith": "", "subjectEndsWith": "" },
          "id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.EventGrid/topics/events/providers/Microsoft.EventGrid/eventSubscriptions/crm",
          "labels": null, "name": "crm", "provisioningState": "Succeeded", "resourceGroup": "rg",
          "retryPolicy": { "eventTimeToLiveInMinutes": 60, "maxDeliveryAttempts": 5 }, "systemData": null,
          "topic": "/subscriptions/0/resourceGroups/rg/providers/microsoft.eventgrid/topics/events", "type": "Microsoft.EventGrid/eventSubscriptions" }
        """;

    // az group export.
    private const string Template = """
        { "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
          "parameters": { "topics_events_name": { "defaultValue": "events", "type": "String" } }, "variables": {},
          "resources": [
            { "type": "Microsoft.EventGrid/topics", "apiVersion": "2025-02-15", "name": "[parameters('topics_events_name')]", "location": "westeurope",
              "sku": { "name": "Basic" }, "kind": "Azure", "identity": { "type": "None" },
              "properties": { "minimumTlsVersionAllowed": "1.2", "inputSchema": "CloudEventSchemaV1_0", "publicNetworkAccess": "Enabled",
                "inboundIpRules": [], "disableLocalAuth": false, "dataResidencyBoundary": "WithinGeopair" } },
            { "type": "Microsoft.EventGrid/topics/eventSubscriptions", "apiVersion": "2025-02-15",
              "name": "[concat(parameters('topics_events_name'), '/crm')]",
              "dependsOn": ["[resourceId('Microsoft.EventGrid/topics', parameters('topics_events_name'))]"],
              "properties": {
                "deliveryWithResourceIdentity": { "identity": { "type": "SystemAssigned" }, "destination": {
                  "endpointType": "WebHook", "properties": { "endpointBaseUrl": "https://crm.example.com/hook", "maxEventsPerBatch": 10,
                    "deliveryAttributeMappings": [{ "name": "x-a", "type": "Static", "properties": { "value": "1", "isSecret": false } }] } } },
                "deadLetterDestination": { "endpointType": "StorageBlob", "properties": { "blobContainerName": "letters", "resourceId": "x" } },
                "filter": { "includedEventTypes": [], "advancedFilters": [{ "key": "data.x", "operatorType": "NumberIn", "values": [1] }] },
                "labels": ["a"], "expirationTimeUtc": "2030-01-01T00:00:00Z", "eventDeliverySchema": "CloudEventSchemaV1_0",
                "retryPolicy": { "maxDeliveryAttempts": 5, "eventTimeToLiveInMinutes": 60 } } }
          ] }
        """;

    [Theory]
    [InlineData("[" + CliTopic + "," + CliSubscription + "]")]
    [InlineData("""{ "topics": [""" + CliTopic + "] }", false)]
    [InlineData("""{ "value": [""" + CliSubscription + "," + CliTopic + "] }")]
    [InlineData(CliTopic, false)]
    [InlineData(Template)]
    public void What_Azure_exports_is_used_as_it_is(string json, bool hasSubscription = true)
    {
        var topic = Compile(json, new TopicKeys { Key1 = "a2V5" }).Single();

        Assert.Equal(("events", EventSchema.CloudEvents), (topic.Name, topic.InputSchema));
        if (!hasSubscription)
        {
            Assert.Empty(topic.Subscriptions);
            return;
        }

        var subscription = Assert.Single(topic.Subscriptions);
        Assert.Equal(("crm", "https://crm.example.com/hook", "letters"), (subscription.Name, subscription.Endpoint.AbsoluteUri, subscription.DeadLetterContainer));
        Assert.Equal((10, 5, 60), (subscription.MaxEventsPerBatch, subscription.MaxDeliveryAttempts, (int)subscription.TimeToLive.TotalMinutes));
        Assert.Equal(("x-a", "1"), (Assert.Single(subscription.Headers).Name, subscription.Headers[0].Value));
        var candidate = new GridEvent(0, 0, "t", null, EventMembers.None, EventMembers.None);
        Assert.True(subscription.Filter.Match(candidate, """{"data":{"x":1}}"""u8.ToArray()));
        Assert.False(subscription.Filter.Match(candidate, """{"data":{"x":2}}"""u8.ToArray()));
    }

    [Fact]
    public void A_fault_in_what_was_exported_is_named_where_it_stands()
    {
        var wrong = Assert.Throws<GridConfigurationException>(() => Compile(
            "[" + CliTopic + "," + CliSubscription
                .Replace("\"WebHook\"", "\"Pigeon\"", StringComparison.Ordinal)
                .Replace("\"maxEventsPerBatch\": 10", "\"maxEventsPerBatch\": 0", StringComparison.Ordinal)
                .Replace("\"blobContainerName\"", "\"container\"", StringComparison.Ordinal) + "]",
            new TopicKeys { Key1 = "a2V5" }));

        Assert.Equal(
            ["/1/deadLetterDestination/blobContainerName", "/1/deadLetterDestination/container", "/1/destination/endpointType", "/1/destination/maxEventsPerBatch"],
            wrong.Errors.Select(e => e[..e.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_exported_subscription_to_another_service_and_a_header_without_its_secret_are_skipped_with_a_warning()
    {
        List<string> warnings = [];
        var topic = Assert.Single(Compile(
            "[" + CliTopic + "," + CliSubscription.Replace("\"WebHook\"", "\"EventHub\"", StringComparison.Ordinal) + ","
                + CliSubscription.Replace("\"isSecret\": false", "\"isSecret\": true", StringComparison.Ordinal).Replace("\"value\": \"1\"", "\"value\": null", StringComparison.Ordinal)
                    .Replace("\"crm\"", "\"other\"", StringComparison.Ordinal) + "]",
            new TopicKeys { Key1 = "a2V5" },
            warnings));

        var subscription = Assert.Single(topic.Subscriptions);
        Assert.DoesNotContain(subscription.Headers, header => header.Name == "x-a");
        Assert.Collection(
            warnings,
            warning => Assert.Contains("(/1): the local Event Grid does not deliver to a destination of the type EventHub.", warning, StringComparison.Ordinal),
            warning => Assert.Contains("Skipping the header x-a (/2/destination/deliveryAttributeMappings/0)", warning, StringComparison.Ordinal));
    }

    private static System.Collections.Immutable.ImmutableArray<Topic> Compile(string json, TopicKeys? keys = null, List<string>? warnings = null)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("topics.json");
        File.WriteAllText(file, json);
        return GridConfiguration.Compile(keys is null
            ? new LocalEventGridOptions { TopicsFile = file }
            : new LocalEventGridOptions { Topics = [.. TopicsFile.Read(file).Select(topic => topic with { Keys = keys })] }, (warnings ?? []).Add);
    }
}
