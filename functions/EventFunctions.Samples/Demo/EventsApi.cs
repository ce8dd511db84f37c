using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Records;

namespace EventFunctions.Local.Demo;

/// <summary>An event to send, in its plain JSON form.</summary>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="Type">CloudEvents <c>type</c>.</param>
/// <param name="Subject">CloudEvents <c>subject</c>.</param>
/// <param name="Data">The notification's own payload, if any.</param>
public sealed record DemoEvent(string Id, string Source, string Type, string Subject, JsonObject? Data = null);

/// <summary>What the service said to an event.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Duplicate">Whether it knew the event.</param>
/// <param name="Detail">What it said against it, if anything.</param>
public sealed record PostResponse(int Status, bool Duplicate, string? Detail);

/// <summary>An entry of a record's timeline.</summary>
/// <param name="At">When it happened, UTC.</param>
/// <param name="What">What happened.</param>
/// <param name="Detail">More about it.</param>
public sealed record TimelineView(DateTimeOffset At, string What, string? Detail);

/// <summary>A record as the API shows it.</summary>
public sealed record EventView
{
    /// <summary>CloudEvents <c>id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>CloudEvents <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>The status.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>The number of its run, 0 before any replay.</summary>
    public int Run { get; init; }

    /// <summary>When it became durable.</summary>
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public IReadOnlyList<TimelineView> Timeline { get; init; } = [];

    /// <summary>Whether nothing more happens to the event by itself.</summary>
    public bool IsFinal => Status is "completed" or "filtered" or "failed" or "deadLettered";
}

/// <summary>A page of records as the API shows it.</summary>
/// <param name="Items">The records.</param>
/// <param name="Continuation">Asks for the next page; null on the last.</param>
public sealed record EventPageView(IReadOnlyList<EventView> Items, string? Continuation);

/// <summary>The service's own HTTP API, as a producer and an operator use it.</summary>
public sealed class EventsApi : IDisposable
{
    private static readonly MediaTypeHeaderValue PlainJson = new("application/json");

    // No proxy: the service is on this machine, whatever the environment says.
    private readonly HttpClient _http;

    /// <summary>Makes a client.</summary>
    /// <param name="address">The host's URL, ending in a slash.</param>
    /// <param name="key">The host key; null where none is asked for.</param>
    public EventsApi(Uri address, string? key)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        if (!string.IsNullOrEmpty(key))
        {
            _http.DefaultRequestHeaders.Add("x-functions-key", key);
        }
    }

    /// <summary>Sends an event.</summary>
    /// <param name="outgoing">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PostResponse> PostAsync(DemoEvent outgoing, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(outgoing, ApiJson.Default.DemoEvent));
        content.Headers.ContentType = PlainJson;
        using var response = await _http.PostAsync("api/events", content, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>Sends a message of a producer that speaks no CloudEvents.</summary>
    /// <param name="producer">The producer's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="headers">Its signature, and what else its sender puts into headers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PostResponse> PostMessageAsync(
        string producer, string message, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var content = new StringContent(message, PlainJson);
        foreach (var (name, value) in headers)
        {
            content.Headers.Add(name, value);
        }

        using var response = await _http.PostAsync($"api/producers/{producer}/events", content, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>Puts events into the sample producer's feed.</summary>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">It does not take them.</exception>
    public async Task AppendToFeedAsync(IReadOnlyList<DemoEvent> events, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync($"{SampleProducers.Prefix}/feed", events, ApiJson.Default.IReadOnlyListDemoEvent, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Reads a record.</summary>
    /// <param name="key">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="HttpRequestException">The service does not say.</exception>
    public async Task<EventView?> FindAsync(EventKey key, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(EventPath.ForRecord(key), cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ApiJson.Default.EventView, cancellationToken);
    }

    /// <summary>Reads the full data of an event.</summary>
    /// <param name="key">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">There is none, or the service does not say.</exception>
    public Task<byte[]> GetDataAsync(EventKey key, CancellationToken cancellationToken) =>
        _http.GetByteArrayAsync(EventPath.ForData(key), cancellationToken);

    /// <summary>Reads a page of records, newest first.</summary>
    /// <param name="filters">The query's filters, percent-encoded.</param>
    /// <param name="limit">The most records.</param>
    /// <param name="continuation">The continuation of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">The service does not say.</exception>
    public async Task<EventPageView> ListAsync(string filters, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var next = continuation is null ? "" : "&continuation=" + Uri.EscapeDataString(continuation);
        return (await _http.GetFromJsonAsync($"api/events?{filters}&limit={limit}{next}", ApiJson.Default.EventPageView, cancellationToken))!;
    }

    /// <summary>Tells the sample producer how to behave.</summary>
    /// <param name="rules">Its rules, in JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">It does not take them.</exception>
    public async Task PutBehaviourAsync(byte[] rules, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(rules);
        content.Headers.ContentType = PlainJson;
        using var response = await _http.PutAsync("producer/behaviour", content, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>How often the sample producer was asked for each subject.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">It does not say.</exception>
    public async Task<IReadOnlyDictionary<string, int>> GetFetchesAsync(CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync("producer/fetches", ApiJson.Default.FetchesView, cancellationToken))!.Subjects;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<PostResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK
            ? new PostResponse((int)response.StatusCode, JsonSerializer.Deserialize(text, ApiJson.Default.AcceptanceView)!.Duplicate, null)
            : new PostResponse((int)response.StatusCode, false, text);
    }
}

internal sealed record AcceptanceView(bool Duplicate);

internal sealed record FetchesView(IReadOnlyDictionary<string, int> Subjects);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<DemoEvent>))]
[JsonSerializable(typeof(EventPageView))]
[JsonSerializable(typeof(AcceptanceView))]
[JsonSerializable(typeof(FetchesView))]
internal sealed partial class ApiJson : JsonSerializerContext;
