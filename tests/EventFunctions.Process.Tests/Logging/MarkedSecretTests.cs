using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Telemetry;

namespace EventFunctions.Tests.Logging;

/// <summary>A host as a process of its own that logs all it can: what it is given in confidence is in none of its outputs.</summary>
public sealed class MarkedSecretTests
{
    private const string Mark = "mark3d-s3cret-0f-32-characters-or-more";
    private const string Hostile = "\u001B]0;title\u0007\u001B[31m\r\u009B2J\u202E\u2028";
    private const string Source = "/tests/marked";
    private const UnixFileMode NotOthers = (UnixFileMode)0b000_111_111;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    public async Task No_secret_and_no_control_character_gets_into_a_log_a_trace_or_a_terminal_and_no_file_is_for_others()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        await using var producer = await StubProducer.StartAsync();
        await using var host = new HostProcess(folder.Path, Settings(producer, collector, folder));
        await host.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = host.Address, DefaultRequestHeaders = { { "x-functions-key", Mark + "-host" }, { "x-admin-key", Mark + "-administration" } } };
        await client.GetStringAsync("api/health", Cancellation);
        var shown = await SendAsync(client, HttpMethod.Put, "api/webhooks/crm", $$"""{"url":"{{producer.BaseUrl}}hook?token={{Mark}}-endpoint","auth":{"kind":"bearer","secret":"CRM"} }""");
        var webhookSecret = JsonElement.Parse(shown).GetProperty("secret").GetString()!["whsec_".Length..];

        await SendAsync(client, HttpMethod.Put, "api/webhooks/oauth", $$"""{"url":"{{producer.BaseUrl}}hook","auth":{"kind":"oauth2","tokenUrl":"{{producer.BaseUrl}}token?key={{Mark}}","clientId":"crm","secret":"CRM"} }""");
        await SendAsync(client, HttpMethod.Post, "api/webhooks/oauth/test", null);

        await SendAsync(client, HttpMethod.Put, "api/producers/keyed", """{"source":"/keyed"}""");
        var producerKey = JsonElement.Parse(await SendAsync(client, HttpMethod.Post, "api/producers/keyed/keys", null)).GetProperty("key").GetString()!;
        foreach (var key in (string[])[producerKey, producerKey + "0", Mark + "-key"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/events") { Headers = { { "x-producer-key", key } } };
            using var answer = await client.SendAsync(request, Cancellation);
        }

        foreach (var (method, path, body) in Calls())
        {
            await SendAsync(client, method, path, body);
        }

        foreach (var (name, value) in Headers())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "eventgrid/events/api/events");
            request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await client.SendAsync(request, Cancellation);
        }

        await SendAsync(client, HttpMethod.Post, "api/events", Event("gone-1", "gone-1"));
        await Poll.UntilAsync(
            () => host.Output.Any(line => line.Contains("code=Redacted", StringComparison.Ordinal)) && collector.Spans.Any(span => span["url.query"]?.Contains("code=Redacted", StringComparison.Ordinal) == true)
                && collector.Requests["logs"].Any(log => log.Contains("code=Redacted", StringComparison.Ordinal)) && producer.Fetches.ContainsKey("gone-1"),
            () => string.Join('\n', host.Output));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in new DirectoryInfo(folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
            {
                Assert.True((file.UnixFileMode & NotOthers) == 0, $"{file.FullName} is {file.UnixFileMode}");
            }
        }

        await host.TerminateAsync();
        string[] everything = [.. host.Output, .. collector.Requests.SelectMany(requests => requests), .. Directory.EnumerateFiles(folder.Path, "*.log").Select(File.ReadAllText)];
        string[] secrets = [Mark, webhookSecret, producerKey[^64..], .. Directory.EnumerateFiles(folder.Path, "*.key").Select(file => File.ReadAllText(file).Trim())];
        foreach (var secret in secrets.SelectMany(secret => (string[])[secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))]))
        {
            Assert.DoesNotContain(everything, text => text.Contains(secret, StringComparison.Ordinal));
        }

        Assert.Contains(host.Output, line => line.Contains("\\u001B", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Output, line => line.Any(c => char.GetUnicodeCategory(c) is
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
    }

    private static Dictionary<string, string> Settings(StubProducer producer, Collector collector, TemporaryFolder folder) => new(producer.Registration(Source).Concat(collector.Variables()))
    {
        ["Producers:stub:Data:Auth:Kind"] = "header",
        ["Producers:stub:Data:Auth:Header"] = "x-api-key",
        ["Producers:stub:Data:Auth:Secret"] = "STUB",
        ["ProducerSecrets:STUB"] = Mark + "-producer",
        ["WebhookSecrets:CRM"] = Mark + "-customer",
        ["Keys:Host"] = Mark + "-host",
        ["Keys:EventGrid"] = Mark + "-grid",
        ["Administration:Key"] = Mark + "-administration",
        ["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8",
        ["Sample:FetchLog"] = folder.File("fetches.log"),
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:LogLevel:EventFunctions"] = "Trace",
    };

    private static IEnumerable<(HttpMethod Method, string Path, string? Body)> Calls()
    {
        var hostile = Uri.EscapeDataString(Hostile);
        var source = Uri.EscapeDataString(Source);
        yield return (HttpMethod.Get, $"api/events?code={Mark}", null);
        yield return (HttpMethod.Get, $"api/events/{hostile}?source={source}&code={Mark}", null);
        yield return (HttpMethod.Get, $"no/such/{hostile}?code={Mark}", null);
        yield return (HttpMethod.Post, $"runtime/webhooks/EventGrid?functionName=EnrichEvent&code={Mark}", "[]");
        yield return (HttpMethod.Post, $"runtime/webhooks/EventGrid?functionName={hostile}&code={Mark}", Event("forged", "forged"));
        yield return (HttpMethod.Post, $"api/events?code={Mark}", Event(Hostile, "hostile"));
        yield return (HttpMethod.Post, "api/events", Event("hostile-subject", Hostile));
        yield return (HttpMethod.Post, "api/events", Event("bidi-\u202E\u2066", "bidi-\u202E"));
        yield return (HttpMethod.Post, "api/events", Event("other", "other").Replace("\"specversion\"", $"\"dataref\":\"https://user:{Mark}@127.0.0.1/x?sig={Mark}\",\"specversion\"", StringComparison.Ordinal));
        yield return (HttpMethod.Post, "api/events", $$"""{"specversion":"1.0","{{Mark}}":""");
        yield return (HttpMethod.Post, "api/producers/stub/events", $$"""{"secret":"{{Mark}}"}""");
        yield return (HttpMethod.Put, "api/webhooks/a", $$"""{"url":"https://user:{{Mark}}@example.com/hook?token={{Mark}}"}""");
        yield return (HttpMethod.Put, "api/webhooks/a", $$"""{"url":"https://example.com/hook","token":"{{Mark}}"}""");
        yield return (HttpMethod.Put, "api/producers/p", $$$"""{"source":"/p","data":{"baseUrl":"https://user:{{{Mark}}}@example.com/","auth":{"kind":"header","header":"x","secret":"{{{Mark}}}"} } }""");
        yield return (HttpMethod.Put, "api/producers/p", $$"""{"source":"/p","token":"{{Mark}}",""");
        yield return (HttpMethod.Post, "api/webhooks/crm/test", null);
        yield return (HttpMethod.Put, $"api/webhooks/{hostile}", "{}");
        yield return (HttpMethod.Post, $"eventgrid/{hostile}/api/events", "[]");
    }

    private static IEnumerable<(string Name, string Value)> Headers() =>
    [
        ("Authorization", $"Bearer {Mark}"), ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Mark))}"), ("Authorization", $"SharedAccessSignature {Mark}"),
        ("aeg-sas-key", Mark), ("aeg-sas-token", $"r=http&e=1&s={Mark}"), ("Cookie", $"session={Mark}"), ("x-functions-key", Mark), ("x-admin-key", Mark),
        ("Referer", $"http://127.0.0.1/?code={Mark}"), ("Origin", $"http://user:{Mark}@evil.example"),
    ];

    private static string Event(string id, string subject) =>
        JsonSerializer.Serialize(new { specversion = "1.0", id, source = Source, type = "thing.changed", subject, data = new { token = Mark } });

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue(
            method == HttpMethod.Put || body is not ['{', '"', 's', 'p', ..] ? "application/json" : "application/cloudevents+json"));
        using var answer = await client.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
