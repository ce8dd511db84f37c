using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Hosting;

public sealed class EventGridWebhookTests
{
    private const string Function = "RecordDeadLetters";

    private readonly Kept _kept = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cloud_event_arrives_with_all_its_attributes_and_every_digit()
    {
        await using var server = await StartAsync();

        var status = await PostAsync(server, """
            {"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"sub","time":"2026-01-02T03:04:05Z","dataschema":"urn:x",
             "datacontenttype":"application/json","data":{"n":123456789012345678901234567890.10},"comment":"text","replay":2,"flag":true}
            """);

        Assert.Equal(HttpStatusCode.Accepted, status);
        var kept = Assert.Single(_kept.Events);
        Assert.Equal(("1", "/s", "t", "sub", "urn:x", "application/json"), (kept.Id, kept.Source, kept.Type, kept.Subject, kept.DataSchema, kept.DataContentType));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), kept.Time);
        Assert.Equal("""{"n":123456789012345678901234567890.10}""", kept.Data!.ToString());
        Assert.Equal("text", kept.ExtensionAttributes["comment"]);
        Assert.Equal(2, kept.ExtensionAttributes["replay"]);
        Assert.Equal(true, kept.ExtensionAttributes["flag"]);
    }

    [Fact]
    public async Task Binary_data_is_decoded_and_no_data_is_none()
    {
        await using var server = await StartAsync();

        await PostAsync(server, """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AQID"},{"specversion":"1.0","id":"2","source":"/s","type":"t"}]""");

        Assert.Equal([1, 2, 3], _kept.Events.Single(e => e.Id == "1").Data!.ToArray());
        Assert.Null(_kept.Events.Single(e => e.Id == "2").Data);
    }

    [Fact]
    public async Task Every_event_of_a_batch_is_run_and_one_that_throws_makes_it_500()
    {
        await using var server = await StartAsync();
        var batch = string.Join(',', Enumerable.Range(0, 200).Select(i => Event(i == 7 ? "bad" : $"{i}")));

        var status = await PostAsync(server, $"[{batch}]");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal(199, _kept.Events.Select(e => e.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_function_that_does_not_exist_is_not_found()
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.PostAsync(server.WebhookPath("Nobody"), new StringContent(Event("1")), Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("No function named \\\"Nobody\\\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cloud_events_handshake_allows_only_event_grid_and_names_no_rate()
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, server.WebhookPath(Function));
        request.Headers.Add("WebHook-Request-Origin", "example.com");
        request.Headers.Add("WebHook-Request-Rate", "120");

        using var answer = await server.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("eventgrid.azure.net", Assert.Single(answer.Headers.GetValues("WebHook-Allowed-Origin")));
        Assert.False(answer.Headers.Contains("WebHook-Allowed-Rate"));
    }

    [Fact]
    public async Task The_event_grid_handshake_echoes_the_code_and_runs_nothing()
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.WebhookPath(Function))
        {
            Content = new StringContent("""[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c-1"}}]"""),
        };
        request.Headers.Add("aeg-event-type", "SubscriptionValidation");

        using var answer = await server.Client.SendAsync(request, Cancellation);

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"validationResponse":"c-1"}""", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Empty(_kept.Events);
    }

    private static string Event(string id) => $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"t"}""";

    private static async Task<HttpStatusCode> PostAsync(TestServer server, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
        content.Headers.Add("aeg-event-type", "Notification");
        using var answer = await server.Client.PostAsync(server.WebhookPath(Function), content, Cancellation);
        return answer.StatusCode;
    }

    private Task<TestServer> StartAsync() => TestServer.StartFunctionsAsync(typeof(Functions), services => services.AddSingleton(_kept));

    internal sealed class Kept
    {
        public ConcurrentQueue<CloudEvent> Events { get; } = [];
    }

    internal sealed class Functions(Kept kept)
    {
        [Function(Function)]
        public async Task Keep([EventGridTrigger] CloudEvent delivered, CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (delivered.Id == "bad")
            {
                throw new InvalidOperationException("as planned");
            }

            kept.Events.Enqueue(delivered);
        }
    }
}
