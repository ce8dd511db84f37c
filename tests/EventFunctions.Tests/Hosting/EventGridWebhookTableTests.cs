using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Local.Hosting;
using EventFunctions.Publication;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Hosting;

/// <summary>
/// Compares the embedded host's Event Grid webhook with that of the Functions host. <c>event-grid-webhook.json</c> has requests, and the
/// statuses that the real host (4.1037 with worker 2.52.0) gave for them.
/// </summary>
public sealed class EventGridWebhookTableTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_webhook_gives_the_statuses_of_the_real_host()
    {
        await using var server = await StartAsync();
        var rows = JsonSerializer.Deserialize<Row[]>(
            await File.ReadAllTextAsync(Repository.File("tests/EventFunctions.Tests/Hosting/event-grid-webhook.json"), Cancellation), JsonSerializerOptions.Web)!;
        var differences = new List<string>();
        foreach (var row in rows)
        {
            Assert.True(row.EmbeddedHost is null || row.Because is { Length: > 0 }, row.Name);
            using var request = row.Request(server);
            using var response = await server.Client.SendAsync(request, Cancellation);
            if ((int)response.StatusCode != (row.EmbeddedHost ?? row.RealHost))
            {
                differences.Add($"{row.Name}: {(int)response.StatusCode} instead of {row.EmbeddedHost ?? row.RealHost}");
            }
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
        Assert.True(rows.Length > 50);
    }

    [Fact]
    public async Task A_delivery_in_process_gives_the_same_statuses_as_a_request()
    {
        await using var server = await StartAsync();
        var webhook = server.Services.GetRequiredService<EventGridWebhook>();
        var self = new Uri(server.Client.BaseAddress!, "/");
        var rows = JsonSerializer.Deserialize<Row[]>(
            await File.ReadAllTextAsync(Repository.File("tests/EventFunctions.Tests/Hosting/event-grid-webhook.json"), Cancellation), JsonSerializerOptions.Web)!;
        var differences = new List<string>();
        var passed = 0;
        foreach (var row in rows.Where(row => row.Method == "POST" && row.Headers.GetValueOrDefault("aeg-event-type") == "Notification"))
        {
            using var request = row.Request(server);
            var expected = row.EmbeddedHost ?? row.RealHost;
            if (webhook.Find(new Uri(self, request.RequestUri!), self) is not { } own)
            {
                // The request is sent, and refused there.
                differences.AddRange(expected is 401 or 404 ? [] : [$"{row.Name}: not passed in process"]);
            }
            else if (EventsOf(row.Body) is { Count: > 0 } events)
            {
                passed++;
                var status = await own(events, Cancellation);
                differences.AddRange(status == expected ? [] : [$"{row.Name}: {status} instead of {expected}"]);
            }
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
        Assert.True(passed > 20);
    }

    [Fact]
    public async Task Only_the_hosts_own_address_with_the_right_key_and_a_known_function_is_passed_in_process()
    {
        await using var server = await StartAsync();
        var webhook = server.Services.GetRequiredService<EventGridWebhook>();
        var self = new Uri(server.Client.BaseAddress!, "/");
        var right = new Uri(self, server.WebhookPath("RecordDeadLetters")).AbsoluteUri;

        Assert.NotNull(webhook.Find(new Uri(right), self));
        Assert.Null(webhook.Find(new Uri(right + "0"), self));
        Assert.Null(webhook.Find(new Uri(right.Replace("RecordDeadLetters", "Nobody", StringComparison.Ordinal)), self));
        Assert.Null(webhook.Find(new Uri(right.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal)), self));
        Assert.Null(webhook.Find(new Uri(right.Replace("http:", "https:", StringComparison.Ordinal)), self));
        Assert.Null(webhook.Find(new Uri(right.Replace("/EventGrid?", "/EventGrid/x?", StringComparison.Ordinal)), self));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"é \ud83d\ude00 \"\\","source":"urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66","type":"T","subject":" a/b?c "}""")]
    [InlineData("""{"specversion":"1.0","id":"2026-01-31T08:30:00.000+02:00","source":"/Date(1700000000000)/","type":"2026-01-31T08:30:00Z"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-01-31T08:30:00.1234567890123456+14:00"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"0001-01-01T00:00:00Z","dataschema":"urn:x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"9999-12-31T23:59:59.9999999-00:00","subject":null}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","a":"","b":true,"c":-2147483648,"d":2147483647,"0":"x","dataref":"a/b","traceparent":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"text/plain","data":"text"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"AQID"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json","data_base64":"MQ=="}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":null}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"":1e400,"n":123456789012345678901234567890.10,"id":"x"}}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":DEEP}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2016-12-31t23:59:60.5z"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","Upper":"x","under_score":"x","comment":null,"dataschema":"relative"}""")]
    public async Task An_event_that_intake_accepts_passes_the_webhook(string json)
    {
        var deepest = new string('[', StrictJson.MaxDepth - 1) + new string(']', StrictJson.MaxDepth - 1);
        var reading = EventReader.ReadJson(ContentMode.Structured, Encoding.UTF8.GetBytes(json.Replace("DEEP", deepest, StringComparison.Ordinal)));
        Assert.Empty(reading.Errors);
        await using var server = await StartAsync();
        foreach (var run in new[] { 0, 1 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, server.WebhookPath("RecordDeadLetters"))
            {
                Content = new ReadOnlyMemoryContent(EventEncoder.Encode(reading.Events[0], run)),
            };
            request.Headers.Add("aeg-event-type", "Notification");

            using var response = await server.Client.SendAsync(request, Cancellation);

            Assert.Equal(202, (int)response.StatusCode);
        }
    }

    // The local Event Grid holds JSON objects only, so other bodies are not its deliveries.
    private static List<ReadOnlyMemory<byte>> EventsOf(string? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body ?? "");
            JsonElement[] events = json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray()] : [json.RootElement];
            return events.All(one => one.ValueKind == JsonValueKind.Object)
                ? [.. events.Select(one => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(one.GetRawText()))]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static Task<TestServer> StartAsync() => TestServer.StartFunctionsAsync(
        typeof(EventGridWebhookTests.Functions), services => services.AddSingleton<EventGridWebhookTests.Kept>());

    private sealed record Row(
        string Name, string Method, string Function, string Key, Dictionary<string, string> Headers, string? Body, int RealHost, int? EmbeddedHost, string? Because)
    {
        public HttpRequestMessage Request(TestServer server)
        {
            var key = Key switch { "right" => server.Services.GetRequiredService<FunctionKeys>().WebhookSecret, "wrong" => "wrong", _ => "" };
            var request = new HttpRequestMessage(new HttpMethod(Method), $"{EventGridWebhook.Path}?functionName={Function}&code={key}");
            foreach (var (name, value) in Headers)
            {
                request.Headers.Add(name, value);
            }

            request.Content = Body is null ? null : new StringContent(Body, new MediaTypeHeaderValue("application/cloudevents+json"));
            return request;
        }
    }
}
