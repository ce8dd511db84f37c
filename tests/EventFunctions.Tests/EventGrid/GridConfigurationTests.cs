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
                        "destination": { "endpointType": "StorageQueue", "properties": { "endpointUrl": "ftp://x", "maxEventsPerBatch": 5001,
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
    [InlineData("{", "$")]
    [InlineData("{}", "/topics")]
    [InlineData("""{"topics":[{"eventSubscriptions":7}]}""", "$.topics[0].eventSubscriptions")]
    public void A_file_that_cannot_be_read_says_where(string json, string where)
    {
        var wrong = Assert.Throws<GridConfigurationException>(() => Compile(json));

        Assert.Contains(where, Assert.Single(wrong.Errors), StringComparison.Ordinal);
    }

    private static System.Collections.Immutable.ImmutableArray<Topic> Compile(string json)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("topics.json");
        File.WriteAllText(file, json);
        return GridConfiguration.Compile(new LocalEventGridOptions { TopicsFile = file });
    }
}
