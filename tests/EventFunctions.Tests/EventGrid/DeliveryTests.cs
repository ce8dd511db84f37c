using System.Net;
using System.Text;
using System.Text.Json;
using EventFunctions.Local.EventGrid;
using EventFunctions.Sqlite;

namespace EventFunctions.Tests.EventGrid;

public sealed class DeliveryTests
{
    private const string Digits = """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"n":123456789012345678901234567890.10,"é":"\u00e9"}}""";

    [Fact]
    public async Task A_single_CloudEvent_is_delivered_bare_with_the_services_headers_and_its_bytes_as_they_came()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));

        using var response = await grid.PostAsync(Encoding.UTF8.GetBytes(Digits));

        await Eventually.Holds(() => grid.Status is { Delivered: 1, Pending: 0 });
        var delivery = subscriber.Requests.Single();
        Assert.Equal(Digits, delivery.Text);
        Assert.Equal("application/cloudevents+json; charset=utf-8", delivery.Headers["Content-Type"]);
        Assert.Equal("Notification", delivery.Headers["aeg-event-type"]);
        Assert.Equal("ENRICH", delivery.Headers["aeg-subscription-name"]);
        Assert.Equal("0", delivery.Headers["aeg-delivery-count"]);
        Assert.Equal("1", delivery.Headers["aeg-metadata-version"]);
        Assert.Equal("", delivery.Headers["aeg-data-version"]);
        Assert.Equal("eventgrid.azure.net", delivery.Headers["Origin"]);
        Assert.False(delivery.Headers.ContainsKey("traceparent"));
    }

    [Fact]
    public async Task An_event_in_the_Event_Grid_schema_is_delivered_in_an_array()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.EventGridTopic(TestGrid.Function(subscriber))] });
        const string Event = """{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-02T03:04:05Z","dataVersion":"7","data":1.10}""";

        // The service takes a single object, too, and any content type.
        using var response = await grid.PostAsync(Encoding.UTF8.GetBytes(Event), "application/x-www-form-urlencoded", "classic");

        await Eventually.Holds(() => grid.Status.Delivered == 1);
        var delivery = subscriber.Requests.Single();
        Assert.StartsWith("[" + Event[..^1], delivery.Text, StringComparison.Ordinal);
        Assert.Equal("application/json; charset=utf-8", delivery.Headers["Content-Type"]);
        Assert.Equal("7", delivery.Headers["aeg-data-version"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task What_a_publisher_leaves_empty_is_filled_in_once(string empty)
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.EventGridTopic(TestGrid.Function(subscriber))] });
        var version = empty == "null" ? empty : "\"1\"";

        using var response = await grid.PostAsync(
            Encoding.UTF8.GetBytes($$"""
                {"topic":{{empty}},"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-02T03:04:05Z","data":{"n":1.10},"dataVersion":{{empty}},"metadataVersion":{{version}}}
                """),
            "application/json",
            "classic");

        await Eventually.Holds(() => grid.Status.Delivered == 1);
        var delivered = subscriber.Requests.Single().Json[0];
        Assert.EndsWith("topics/classic", delivered.GetProperty("topic").GetString(), StringComparison.Ordinal);
        Assert.Equal("", delivered.GetProperty("dataVersion").GetString());
        Assert.Equal("1", delivered.GetProperty("metadataVersion").GetString());
        Assert.Equal("""{"n":1.10}""", delivered.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_topic_in_the_Event_Grid_schema_delivers_CloudEvents_where_a_subscription_asks_for_them()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var subscription = TestGrid.Function(subscriber);
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            Topics =
            [
                TestGrid.EventGridTopic(subscription with { Properties = subscription.Properties with { EventDeliverySchema = "CloudEventSchemaV1_0" } }),
            ],
        });

        using var response = await grid.PostAsync(
            """[{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-02T03:04:05Z","data":{"n":1.10}}]"""u8.ToArray(),
            "application/json",
            "classic");

        await Eventually.Holds(() => grid.Status.Delivered == 1);
        var delivered = subscriber.Requests.Single().Json;
        Assert.Equal("1.0", delivered.GetProperty("specversion").GetString());
        Assert.Equal("t", delivered.GetProperty("type").GetString());
        Assert.Equal("2026-01-02T03:04:05Z", delivered.GetProperty("time").GetString());
        Assert.Equal("""{"n":1.10}""", delivered.GetProperty("data").GetRawText());
        Assert.EndsWith("topics/classic", delivered.GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.False(delivered.TryGetProperty("eventType", out _));
    }

    [Fact]
    public async Task Batches_take_what_waits_up_to_their_number_and_size()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var subscription = TestGrid.Function(subscriber);
        var properties = subscription.Properties.Destination.Properties with { MaxEventsPerBatch = 4, PreferredBatchSizeInKilobytes = 1 };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            DeliveryConcurrency = 1,
            Topics =
            [
                TestGrid.CloudEventsTopic(subscription with
                {
                    Properties = subscription.Properties with { Destination = subscription.Properties.Destination with { Properties = properties } },
                }),
            ],
        });
        var first = new TaskCompletionSource();
        subscriber.Answer = (_, _) => first.Task;

        await grid.PublishAsync(["0"]);
        await Eventually.Holds(() => subscriber.Requests.Count == 1);
        await grid.PublishAsync(["1", "2", "3", "4", "5"]);
        await grid.PublishAsync([new string('x', 1500), "6"]);
        first.SetResult();

        await Eventually.Holds(() => grid.Status.Delivered == 8);
        Assert.All(subscriber.Requests, r => Assert.Equal("application/cloudevents-batch+json; charset=utf-8", r.Headers["Content-Type"]));
        Assert.Equal([1, 4, 1, 1, 1], subscriber.Requests.Select(r => r.Json.GetArrayLength()));
    }

    [Fact]
    public async Task Deliveries_carry_the_headers_that_the_subscription_maps()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var subscription = TestGrid.Function(subscriber);
        var properties = subscription.Properties.Destination.Properties with
        {
            DeliveryAttributeMappings =
            [
                new() { Name = "x-fixed", Type = "Static", Properties = new() { Value = "secret", IsSecret = true } },
                new() { Name = "x-type", Type = "dynamic", Properties = new() { SourceField = "type" } },
                new() { Name = "x-n", Type = "Dynamic", Properties = new() { SourceField = "data.n" } },
                new() { Name = "x-missing", Type = "Dynamic", Properties = new() { SourceField = "data.nothing" } },
                new() { Name = "x-injected", Type = "Dynamic", Properties = new() { SourceField = "subject" } },
            ],
        };
        await using var grid = await TestGrid.StartAsync(subscription with
        {
            Properties = subscription.Properties with { Destination = subscription.Properties.Destination with { Properties = properties } },
        });

        using var response = await grid.PostAsync(Encoding.UTF8.GetBytes(Digits[..^1] + ",\"subject\":\"a\\r\\nx-evil: 1\"}"));

        await Eventually.Holds(() => grid.Status.Delivered == 1);
        var headers = subscriber.Requests.Single().Headers;
        Assert.Equal("secret", headers["x-fixed"]);
        Assert.Equal("t", headers["x-type"]);
        Assert.Equal("123456789012345678901234567890.10", headers["x-n"]);
        Assert.DoesNotContain(headers.Keys, name => name is "x-missing" or "x-injected" or "x-evil");
    }

    [Theory]
    [InlineData("""{"includedEventTypes":["policy.renewed"]}""", "renewed")]
    [InlineData("""{"includedEventTypes":["All"]}""", "renewed issued enriched")]
    [InlineData("""{"subjectBeginsWith":"POLICY-4","subjectEndsWith":"2"}""", "renewed enriched")]
    [InlineData("""{"subjectBeginsWith":"POLICY-4","isSubjectCaseSensitive":true}""", "")]
    [InlineData("""{"advancedFilters":[{"operatorType":"StringNotEndsWith","key":"type","values":[".enriched"]}]}""", "renewed issued")]
    [InlineData("""{"advancedFilters":[{"operatorType":"StringEndsWith","key":"EventType","values":[".enriched"]}]}""", "enriched")]
    [InlineData("""{"advancedFilters":[{"operatorType":"StringIn","key":"eventid","values":["issued"]},{"operatorType":"StringIn","key":"source","values":["/s"]}]}""", "issued")]
    [InlineData("""{"advancedFilters":[{"operatorType":"StringIn","key":"topic","values":["/s"]}]}""", "renewed issued enriched")]
    [InlineData("""{"advancedFilters":[{"operatorType":"NumberIn","key":"data.list","values":[2]}],"enableAdvancedFilteringOnArrays":true}""", "issued")]
    public async Task A_subscription_gets_what_its_filter_lets_through(string filter, string expected)
    {
        await using var all = await TestSubscriber.StartAsync();
        await using var some = await TestSubscriber.StartAsync();
        var subscription = TestGrid.Function(some);
        var filtered = JsonSerializer.Deserialize<FilterResource>(filter, JsonSerializerOptions.Web)!;
        await using var grid = await TestGrid.StartAsync(
            subscription with { Properties = subscription.Properties with { Filter = filtered } },
            TestGrid.Function(all, "everything"));

        using var response = await grid.PostAsync(
            """
            [{"specversion":"1.0","id":"renewed","source":"/s","type":"policy.renewed","subject":"policy-42"},
             {"specversion":"1.0","id":"issued","source":"/s","type":"policy.issued","data":{"list":[1,2]}},
             {"specversion":"1.0","id":"enriched","source":"/s","type":"policy.renewed.enriched","subject":"policy-42"}]
            """u8.ToArray(),
            "application/cloudevents-batch+json");

        await Eventually.Holds(() => grid.Grid.Status.All(s => s.Pending == 0));
        Assert.Equal(3, all.Ids.Count());
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), some.Ids.Order());
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(205, false)]
    [InlineData(302, false)]
    [InlineData(500, false)]
    public async Task Only_200_to_204_count_as_delivered(int status, bool isDelivered)
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(status);
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status.Delivered + grid.Status.FailedAttempts == 1);
        Assert.Equal(isDelivered ? 1 : 0, grid.Status.Delivered);
        Assert.Equal(isDelivered ? 0 : 1, grid.Status.Pending);
    }

    [Fact]
    public async Task A_subscriber_that_hangs_holds_no_other_up_and_all_that_waits_for_it_is_on_disk()
    {
        await using var stuck = await TestSubscriber.StartAsync();
        await using var lively = await TestSubscriber.StartAsync();
        var never = new TaskCompletionSource();
        stuck.Answer = (_, context) => never.Task.WaitAsync(context.RequestAborted);
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            DeliveryConcurrency = 4,
            MaxEventsInMemory = 8,
            Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(stuck, "stuck"), TestGrid.Function(lively, "lively"))],
        });
        var ids = Enumerable.Range(0, 500).Select(i => $"{i}").ToArray();

        foreach (var some in ids.Chunk(50))
        {
            await grid.PublishAsync(some);
        }

        await Eventually.Holds(() => lively.Ids.Distinct().Count() == ids.Length);
        Assert.Equal(500, grid.Grid.Status.Single(s => s.Subscription == "stuck").Pending);
        Assert.Equal(4, stuck.Requests.Count);

        stuck.Answer = (_, _) => Task.CompletedTask;
        never.SetResult();
        await Eventually.Holds(() => grid.Grid.Status.All(s => s.Pending == 0));
        Assert.Equal(ids.Order(), stuck.Ids.Order());
        Assert.Equal(ids.Order(), lively.Ids.Order());
    }

    [Fact]
    public async Task A_publication_that_cannot_be_made_durable_is_answered_with_503()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));
        using var lockHolder = new SqliteConnection(
            Path.Combine(Path.GetDirectoryName(grid.DeadLetterFolder)!, "eventgrid.db"), SqliteDatabase.BusyTimeout);
        SqliteDatabase.Execute(lockHolder, "BEGIN IMMEDIATE");

        using var response = await grid.PostAsync(Encoding.UTF8.GetBytes(Digits));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(subscriber.Requests);
    }
}
