using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace EventFunctions.Tests.Streams;

/// <summary>A reader of a stream, by the platform's own parser.</summary>
internal sealed class Tail : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<SseItem<string>> _items = new();

    private Tail(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        Reading = Task.Run(ReadAsync);
    }

    /// <summary>Ends when the stream does: true where it was ended properly.</summary>
    public Task<bool> Reading { get; }

    public IReadOnlyCollection<SseItem<string>> Items => _items;

    /// <summary>The IDs of the events so far.</summary>
    public List<string> Ids => [.. _items.Select(item => JsonElement.Parse(item.Data).GetProperty("id").GetString()!)];

    /// <summary>What leads on from here.</summary>
    public string LastEventId => _parser.LastEventId;

    /// <summary>When it is asked to come again.</summary>
    public TimeSpan RetryAfter => _parser.ReconnectionInterval;

    public static async Task<Tail> OpenAsync(HttpClient client, string query = "", string? lastEventId = null)
    {
        var response = await SendAsync(client, query, lastEventId);
        Assert.True(response.IsSuccessStatusCode, await TextOfErrorAsync(response));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        return new Tail(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string query, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stream" + query);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _response.Dispose();
        await Reading;
        _stop.Dispose();
    }

    private static async Task<string> TextOfErrorAsync(HttpResponseMessage response) =>
        response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private async Task<bool> ReadAsync()
    {
        try
        {
            await foreach (var item in _parser.EnumerateAsync(_stop.Token))
            {
                _items.Enqueue(item);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }
}
