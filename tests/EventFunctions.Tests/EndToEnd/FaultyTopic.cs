using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>
/// Stands between the service and its topic, lets through, refuses, or hangs, and counts the copies of each event that the
/// topic took and answered for.
/// </summary>
internal sealed class FaultyTopic : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();
    private readonly ConcurrentDictionary<string, int> _confirmed = new(StringComparer.Ordinal);

    private FaultyTopic(WebApplication app) => _app = app;

    /// <summary>What happens to publications from now on.</summary>
    public TopicFault Fault { get; set; }

    /// <summary>Where the real topic is.</summary>
    public Uri? Target { get; set; }

    /// <summary>How many copies of each event the topic took and said so, by event ID; one it took in silence must come again.</summary>
    public IReadOnlyDictionary<string, int> Confirmed => _confirmed;

    public Uri Endpoint => new(_app.Urls.Single() + "/api/events");

    public static async Task<FaultyTopic> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var topic = new FaultyTopic(app);
        app.MapPost("/api/events", (Delegate)topic.AnswerAsync);
        await app.StartAsync();
        return topic;
    }

    /// <summary>Stands before the topic of a host.</summary>
    public void LeadTo(Uri host) => Target = new Uri(host, "/eventgrid/events/api/events");

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        switch (Fault)
        {
            case TopicFault.InternalError:
                return Results.StatusCode(StatusCodes.Status500InternalServerError);
            case TopicFault.Refuses:
                return Results.StatusCode(StatusCodes.Status401Unauthorized);
            case TopicFault.TooManyRequests:
                return Results.StatusCode(StatusCodes.Status429TooManyRequests);
            case TopicFault.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return Results.Empty;
            case TopicFault.TakesButAnswers500:
                await ForwardAsync(context, confirms: false);
                return Results.StatusCode(StatusCodes.Status500InternalServerError);
            default:
                return Results.StatusCode(await ForwardAsync(context, confirms: true));
        }
    }

    private async Task<int> ForwardAsync(HttpContext context, bool confirms)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var forwarded = new HttpRequestMessage(HttpMethod.Post, Target + context.Request.QueryString.Value)
        {
            Content = new ByteArrayContent(body.ToArray()),
        };
        forwarded.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        forwarded.Headers.Add("aeg-sas-key", context.Request.Headers["aeg-sas-key"].ToString());
        try
        {
            using var response = await _client.SendAsync(forwarded, context.RequestAborted);
            if (confirms && response.IsSuccessStatusCode)
            {
                Count(body.ToArray());
            }

            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return StatusCodes.Status502BadGateway;
        }
    }

    private void Count(byte[] batch)
    {
        using var json = JsonDocument.Parse(batch);
        foreach (var published in json.RootElement.EnumerateArray())
        {
            _confirmed.AddOrUpdate(published.GetProperty("id").GetString()!, 1, (_, n) => n + 1);
        }
    }
}

internal enum TopicFault
{
    None,
    InternalError,
    Refuses,
    TooManyRequests,
    Hangs,
    TakesButAnswers500,
}
