using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure.Core;
using Azure.Identity;
using EventFunctions.Azure;
using EventFunctions.Publication;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Azure;

public sealed class EventGridPublisherTests
{
    private const string Key = "c2VjcmV0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_posted_as_a_batch_with_the_headers_that_Event_Grid_asks_for()
    {
        await using var topic = await StubServer.StartAsync();

        await PublisherTo(topic).PublishAsync([Event("""{"id":"1"}"""), Event("""{"id":"2"}""")], Cancellation);

        var request = Assert.Single(topic.Requests);
        Assert.Equal(("POST", "/api/events?api-version=2018-01-01"), (request.Method, request.Target));
        Assert.Equal("application/cloudevents-batch+json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.Equal(Key, request.Headers["aeg-sas-key"]);
        Assert.Equal("""[{"id":"1"},{"id":"2"}]""", Encoding.UTF8.GetString(request.Body));
    }

    [Fact]
    public async Task Digits_and_text_arrive_as_they_were()
    {
        await using var topic = await StubServer.StartAsync();
        const string encoded = """{"data":{"n":123456789012345678901234567890.10,"t":"ü\u0000 "}}""";

        await PublisherTo(topic).PublishAsync([Event(encoded)], Cancellation);

        Assert.Equal($"[{encoded}]", Encoding.UTF8.GetString(Assert.Single(topic.Requests).Body));
    }

    [Theory]
    [InlineData(400, PublishFailure.Rejected)]
    [InlineData(413, PublishFailure.Rejected)]
    [InlineData(401, PublishFailure.Denied)]
    [InlineData(403, PublishFailure.Denied)]
    [InlineData(404, PublishFailure.Denied)]
    [InlineData(409, PublishFailure.Unavailable)]
    public async Task What_the_topic_answers_is_told_apart_and_not_tried_again(int status, PublishFailure expected)
    {
        await using var topic = await StubServer.StartAsync(AnswerWith(status));

        var error = await Assert.ThrowsAsync<PublishException>(() => PublisherTo(topic).PublishAsync([Event("{}")], Cancellation));

        Assert.Equal(expected, error.Failure);
        Assert.StartsWith($"The topic returned {status}: Not like this.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Single(topic.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_topic_in_trouble_is_tried_again_and_then_unavailable(int status)
    {
        await using var topic = await StubServer.StartAsync(AnswerWith(status));

        var error = await Assert.ThrowsAsync<PublishException>(() => PublisherTo(topic).PublishAsync([Event("{}")], Cancellation));

        Assert.Equal(PublishFailure.Unavailable, error.Failure);
        Assert.Equal(3, topic.Requests.Count);
    }

    [Fact]
    public async Task A_topic_that_recovers_at_once_takes_the_events_in_the_same_call()
    {
        await using var topic = await StubServer.StartAsync();
        topic.Answer = context => topic.Requests.Count == 1 ? AnswerWith(503)(context) : Task.CompletedTask;

        await PublisherTo(topic).PublishAsync([Event("{}")], Cancellation);

        Assert.Equal(2, topic.Requests.Count);
    }

    [Fact]
    public async Task A_topic_that_asks_for_a_long_pause_is_left_to_the_relay()
    {
        await using var topic = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "30";
            return AnswerWith(503)(context);
        });

        await Assert.ThrowsAsync<PublishException>(() => PublisherTo(topic).PublishAsync([Event("{}")], Cancellation));

        Assert.Single(topic.Requests);
    }

    [Fact]
    public async Task A_topic_that_cannot_be_reached_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var publisher = Publisher(new EventGridOptions { Endpoint = $"http://127.0.0.1:{port}/api/events", Key = Key });

        var error = await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync([Event("{}")], Cancellation));

        Assert.Equal((PublishFailure.Unavailable, "The topic cannot be reached."), (error.Failure, error.Message));
    }

    [Fact]
    public async Task A_topic_that_drops_the_connection_is_unavailable()
    {
        await using var topic = await StubServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        var error = await Assert.ThrowsAsync<PublishException>(() => PublisherTo(topic).PublishAsync([Event("{}")], Cancellation));

        Assert.Equal(PublishFailure.Unavailable, error.Failure);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_a_topic_that_hangs()
    {
        await using var topic = await StubServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PublisherTo(topic).PublishAsync([Event("{}")], patience.Token));
    }

    [Fact]
    public async Task Without_an_identity_to_publish_under_the_publication_is_denied()
    {
        var publisher = Publisher(new EventGridOptions { Endpoint = "https://127.0.0.1:1/api/events" }, new NoIdentity());

        var error = await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync([Event("{}")], Cancellation));

        Assert.Equal(PublishFailure.Denied, error.Failure);
    }

    [Theory]
    [InlineData(null, Key, "EventGrid:Endpoint is missing")]
    [InlineData("topic", Key, "EventGrid:Endpoint is \"topic\"")]
    [InlineData("ftp://topic/api/events", Key, "EventGrid:Endpoint is \"ftp://topic/api/events\"")]
    [InlineData("https://topic.example", Key, "EventGrid:Endpoint is \"https://topic.example\", which has no path")]
    [InlineData("http://topic.example/api/events", null, "EventGrid:Endpoint is \"http://topic.example/api/events\", but tokens")]
    [InlineData("https://topic.example/api/events", "a b", "EventGrid:Key")]
    [InlineData("https://topic.example/api/events", "", "EventGrid:Key")]
    public void A_wrong_setting_is_refused_in_one_line_that_names_it_and_gives_an_example(string? endpoint, string? key, string named)
    {
        using var services = Services(new EventGridOptions { Endpoint = endpoint, Key = key });

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        var line = Assert.Single(error.Failures);
        Assert.StartsWith(named, line, StringComparison.Ordinal);
        Assert.Contains("example:", line, StringComparison.Ordinal);
        Assert.DoesNotContain("a b", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://events.westeurope-1.eventgrid.azure.net/api/events", "events")]
    [InlineData("https://events.westeurope-1.eventgrid.azure.net/api/events?api-version=2018-01-01", "events")]
    [InlineData("http://127.0.0.1:7071/eventgrid/policies/api/events", "policies")]
    [InlineData("http://127.0.0.1:7071/api/events", "127.0.0.1")]
    public void The_topic_goes_by_the_name_that_its_endpoint_has(string endpoint, string name) =>
        Assert.Equal(name, Publisher(new EventGridOptions { Endpoint = endpoint, Key = Key }).Topic);

    private static Func<HttpContext, Task> AnswerWith(int status) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"error":{"code":"Code","message":"Not like this."}}""");
    };

    private static ReadOnlyMemory<byte> Event(string json) => Encoding.UTF8.GetBytes(json);

    private static IEventPublisher PublisherTo(StubServer topic) =>
        Publisher(new EventGridOptions { Endpoint = new Uri(topic.Url, "api/events").AbsoluteUri, Key = Key });

    private static IEventPublisher Publisher(EventGridOptions options, TokenCredential? credential = null) =>
        Services(options, credential).GetRequiredService<IEventPublisher>();

    private static ServiceProvider Services(EventGridOptions options, TokenCredential? credential = null)
    {
        var services = new ServiceCollection().AddEventGridPublisher();
        services.AddSingleton<IOptionsFactory<EventGridOptions>>(s => new Given(options, s.GetServices<IValidateOptions<EventGridOptions>>()));
        if (credential is not null)
        {
            services.AddSingleton(new AzureIdentity(credential));
        }

        return services.BuildServiceProvider();
    }

    private sealed class Given(EventGridOptions options, IEnumerable<IValidateOptions<EventGridOptions>> validations)
        : OptionsFactory<EventGridOptions>([], [], validations)
    {
        protected override EventGridOptions CreateInstance(string name) => options;
    }

    private sealed class NoIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("none");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("none");
    }
}
