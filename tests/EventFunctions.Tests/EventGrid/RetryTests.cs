using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EventFunctions.Local.EventGrid;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.EventGrid;

public sealed class RetryTests
{
    private const double Fast = 0.001;

    [Fact]
    public async Task Attempts_come_when_the_schedule_says_and_count_up()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(500, 500, 429, 200);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))] }, time);

        await grid.PublishAsync(["1"]);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await Eventually.Holds(() => subscriber.Requests.Count == attempt && grid.Status.FailedAttempts == attempt);
            await AdvanceWhenSettled(time, TimeSpan.FromSeconds(9), grid);
            Assert.Equal(attempt, subscriber.Requests.Count);
            time.Advance(TimeSpan.FromMinutes(1.1));
        }

        await Eventually.Holds(() => grid.Status is { Delivered: 1, Pending: 0 });
        Assert.Equal(["0", "1", "2", "3"], subscriber.Requests.Select(r => r.Headers["aeg-delivery-count"]));
    }

    [Fact]
    public async Task A_subscriber_has_30_seconds_to_answer()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.Answer = (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))] }, time);

        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => subscriber.Requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, grid.Status.FailedAttempts);
        time.Advance(TimeSpan.FromSeconds(2));

        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_is_given_up_becomes_a_dead_letter_in_the_services_form(bool inEventGridSchema)
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(503);
        var subscription = TestGrid.Function(subscriber, "My-Subscription");
        subscription = subscription with { Properties = subscription.Properties with { RetryPolicy = new() { MaxDeliveryAttempts = 3 } } };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            RetryScale = Fast,
            Topics = [inEventGridSchema ? TestGrid.EventGridTopic(subscription) : TestGrid.CloudEventsTopic(subscription)],
        });
        var before = DateTimeOffset.UtcNow;

        using var response = inEventGridSchema
            ? await grid.PostAsync(
                """[{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-02T03:04:05Z","data":1.10}]"""u8.ToArray(), "application/json", "classic")
            : await grid.PostAsync("""{"specversion":"1.0","id":"1","source":"/s","type":"t","deliveryattempts":30,"data":1.10}"""u8.ToArray());

        await Eventually.Holds(() => grid.Status is { DeadLettered: 1, Pending: 0 });
        Assert.Equal(3, subscriber.Requests.Count);
        var file = Directory.EnumerateFiles(grid.DeadLetterFolder, "*", SearchOption.AllDirectories).Single();
        var at = File.GetLastWriteTimeUtc(file);
        var name = Path.GetRelativePath(grid.DeadLetterFolder, file).Replace('\\', '/');
        Assert.Matches($"^dead/MY-SUBSCRIPTION/{at.Year}/{at.Month}/{at.Day}/{at.Hour}/[0-9a-f-]{{36}}\\.json$", name);
        using var json = JsonDocument.Parse(
            await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), new JsonDocumentOptions { AllowDuplicateProperties = false });
        var letter = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("1", letter.GetProperty("id").GetString());
        Assert.Equal("1.10", letter.GetProperty("data").GetRawText());
        Assert.Equal("MaxDeliveryAttemptsExceeded", letter.GetProperty(Name("deadLetterReason")).GetString());
        Assert.Equal(3, letter.GetProperty(Name("deliveryAttempts")).GetInt32());
        Assert.Equal("Busy", letter.GetProperty(Name("lastDeliveryOutcome")).GetString());
        Assert.InRange(letter.GetProperty(Name("publishTime")).GetDateTimeOffset(), before, DateTimeOffset.UtcNow);
        Assert.InRange(letter.GetProperty(Name("lastDeliveryAttemptTime")).GetDateTimeOffset(), before, DateTimeOffset.UtcNow);

        string Name(string name) => inEventGridSchema ? name : name.ToLowerInvariant();
    }

    [Fact]
    public async Task An_answer_that_no_attempt_will_change_is_a_dead_letter_at_once()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));

        await grid.PublishAsync(["1", "2"]);

        await Eventually.Holds(() => grid.Status.DeadLettered == 2);
        Assert.Equal(2, subscriber.Requests.Count);
        Assert.All(ReadLetters(grid), l => Assert.Equal("BadRequest", l.GetProperty("lastdeliveryoutcome").GetString()));
    }

    [Fact]
    public async Task An_event_that_is_too_old_at_its_next_attempt_is_not_tried_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(500);
        var subscription = TestGrid.Function(subscriber);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions
            {
                Topics =
                [
                    TestGrid.CloudEventsTopic(
                        subscription with { Properties = subscription.Properties with { RetryPolicy = new() { EventTimeToLiveInMinutes = 1 } } }),
                ],
            },
            time);

        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);
        await AdvanceWhenSettled(time, TimeSpan.FromSeconds(61), grid);

        await Eventually.Holds(() => grid.Status.DeadLettered == 1);
        Assert.Single(subscriber.Requests);
        Assert.Equal("TimeToLiveExceeded", ReadLetters(grid).Single().GetProperty("deadletterreason").GetString());
    }

    [Fact]
    public async Task Without_a_place_for_dead_letters_the_event_is_dropped()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(413);
        var subscription = TestGrid.Function(subscriber);
        await using var grid = await TestGrid.StartAsync(
            subscription with { Properties = subscription.Properties with { DeadLetterDestination = null } });

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status is { Dropped: 1, Pending: 0 });
        Assert.Empty(Directory.EnumerateFileSystemEntries(grid.DeadLetterFolder));
    }

    [Fact]
    public async Task Dead_letters_wait_as_long_as_they_are_told_and_go_together()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions
            {
                DeadLetterDelay = TimeSpan.FromMinutes(5),
                Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))],
            },
            time);

        await grid.PublishAsync(["1", "2", "3"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 3);
        await AdvanceWhenSettled(time, TimeSpan.FromMinutes(4), grid);
        Assert.Equal(0, grid.Status.DeadLettered);
        time.Advance(TimeSpan.FromMinutes(2));

        await Eventually.Holds(() => grid.Status.DeadLettered == 3);
        Assert.Single(Directory.EnumerateFiles(grid.DeadLetterFolder, "*.json", SearchOption.AllDirectories));
        Assert.Equal(["1", "2", "3"], ReadLetters(grid).Select(l => l.GetProperty("id").GetString()).Order());
    }

    [Fact]
    public async Task Dead_letters_wait_for_a_container_that_cannot_be_written_and_are_dropped_after_four_hours()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))] }, time);
        Directory.Delete(grid.DeadLetterFolder);
        await File.WriteAllTextAsync(grid.DeadLetterFolder, "a file where a folder should be", TestContext.Current.CancellationToken);

        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);
        await AdvanceWhenSettled(time, TimeSpan.FromHours(3), grid);
        await AdvanceWhenSettled(time, TimeSpan.FromSeconds(1), grid);
        Assert.Equal(0, grid.Status.Dropped);
        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromMinutes(10));
            return grid.Status.Dropped == 1;
        });
    }

    [Fact]
    public async Task Dead_letters_go_to_a_storage_account_where_there_is_one()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        await using var account = await TestSubscriber.StartAsync();
        account.AnswerWith(201);
        const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            DeadLetterConnectionString = $"AccountName=devstoreaccount1;AccountKey={Key};BlobEndpoint={account.Url}",
            Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))],
        });

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status.DeadLettered == 1);
        Assert.Contains("restype=container", account.Requests.First().Query, StringComparison.Ordinal);
        var blob = account.Requests.Last();
        Assert.Matches("^/hook/dead/ENRICH/[0-9]{4}/[0-9]+/[0-9]+/[0-9]+/[0-9a-f-]{36}\\.json$", blob.Path);
        Assert.Equal("BadRequest", blob.Json[0].GetProperty("lastdeliveryoutcome").GetString());
    }

    [Fact]
    public async Task Dead_letters_of_a_subscription_that_has_lost_its_destination_are_dropped()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(400);
        var subscription = TestGrid.Function(subscriber);
        var topics = new List<TopicResource> { TestGrid.CloudEventsTopic(subscription) };
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { DeadLetterDelay = TimeSpan.FromMinutes(5), Topics = topics }, time);
        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);

        topics[0] = TestGrid.CloudEventsTopic(subscription with { Properties = subscription.Properties with { DeadLetterDestination = null } });
        await grid.RestartAsync();
        time.Advance(TimeSpan.FromMinutes(6));

        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return grid.Status.Dropped == 1;
        });
    }

    [Fact]
    public async Task Whatever_a_subscriber_does_every_event_comes_in_the_end()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var count = 0;
        subscriber.Answer = (_, context) =>
        {
            switch (Interlocked.Increment(ref count) % 6)
            {
                case 0:
                    return Task.CompletedTask;
                case 1:
                    context.Abort();
                    return Task.CompletedTask;
                case 2:
                    return Task.Delay(Timeout.Infinite, context.RequestAborted);
                case var n:
                    context.Response.StatusCode = n == 3 ? 500 : n == 4 ? 503 : 429;
                    return Task.CompletedTask;
            }
        };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            RetryDelays = [TimeSpan.FromSeconds(1)],
            RetryScale = Fast,
            DeliveryTimeout = TimeSpan.FromMilliseconds(50),
            MaxEventsInMemory = 16,
            Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))],
        });
        var ids = Enumerable.Range(0, 100).Select(i => $"{i}").ToArray();

        await grid.PublishAsync(ids);

        await Eventually.Holds(() => grid.Status.Delivered + grid.Status.DeadLettered == ids.Length, () => grid.Status.ToString());
        Assert.Equal(0, grid.Status.Pending);
        Assert.Equal(ids.Order(), subscriber.Ids.Distinct().Order());
    }

    [Fact]
    public async Task Nobody_at_the_endpoint_is_a_socket_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://{listener.LocalEndpoint}/";
        listener.Stop();
        await using var subscriber = await TestSubscriber.StartAsync();
        var subscription = TestGrid.Function(subscriber);
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            Topics =
            [
                TestGrid.CloudEventsTopic(subscription with
                {
                    Properties = subscription.Properties with
                    {
                        Destination = new() { EndpointType = "AzureFunction", Properties = new() { EndpointUrl = url } },
                        RetryPolicy = new() { MaxDeliveryAttempts = 1 },
                    },
                }),
            ],
        });

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status.DeadLettered == 1);
        Assert.Equal("SocketError", ReadLetters(grid).Single().GetProperty("lastdeliveryoutcome").GetString());
    }

    // An attempt that has failed is not scheduled before it is on disk.
    private static async Task AdvanceWhenSettled(FakeTimeProvider time, TimeSpan by, TestGrid grid)
    {
        await grid.Grid.SettledAsync();
        time.Advance(by);
        await grid.Grid.SettledAsync();
    }

    private static List<JsonElement> ReadLetters(TestGrid grid) =>
    [
        .. Directory.EnumerateFiles(grid.DeadLetterFolder, "*.json", SearchOption.AllDirectories)
            .SelectMany(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.EnumerateArray()),
    ];
}
