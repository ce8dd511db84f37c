using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>Stands between the service and its topic, and lets through, refuses, or hangs.</summary>
internal sealed class FaultyTopic : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    private FaultyTopic(WebApplication app) => _app = app;

    /// <summary>What happens to publications from now on.</summary>
    public TopicFault Fault { get; set; }

    /// <summary>Where the real topic is.</summary>
    public Uri? Target { get; set; }

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
            case TopicFault.TooManyRequests:
                return Results.StatusCode(StatusCodes.Status429TooManyRequests);
            case TopicFault.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return Results.Empty;
            case TopicFault.TakesButAnswers500:
                await ForwardAsync(context);
                return Results.StatusCode(StatusCodes.Status500InternalServerError);
            default:
                try
                {
                    return Results.StatusCode(await ForwardAsync(context));
                }
                catch (HttpRequestException)
                {
                    return Results.StatusCode(StatusCodes.Status502BadGateway);
                }
        }
    }

    private async Task<int> ForwardAsync(HttpContext context)
    {
        using var forwarded = new HttpRequestMessage(HttpMethod.Post, Target + context.Request.QueryString.Value)
        {
            Content = new StreamContent(context.Request.Body),
        };
        forwarded.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        forwarded.Headers.Add("aeg-sas-key", context.Request.Headers["aeg-sas-key"].ToString());
        using var response = await _client.SendAsync(forwarded, context.RequestAborted);
        return (int)response.StatusCode;
    }
}

internal enum TopicFault
{
    None,
    InternalError,
    TooManyRequests,
    Hangs,
    TakesButAnswers500,
}
