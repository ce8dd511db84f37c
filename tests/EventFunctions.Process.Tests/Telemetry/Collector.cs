using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.Telemetry;

/// <summary>An OTLP collector (HTTP, binary Protobuf) that keeps what it is sent.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = [];
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> _requests = [];

    private Collector(WebApplication app) => _app = app;

    public IReadOnlyCollection<OtlpSpan> Spans => _spans;

    /// <summary>The bodies of all requests, as text, by the signal's name: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public ILookup<string, string> Requests => _requests.ToLookup(request => request.Signal, request => System.Text.Encoding.Latin1.GetString(request.Body));

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new Collector(app);
        app.MapPost("/v1/{signal}", collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>The standard variables that make a host send here, soon.</summary>
    public Dictionary<string, string> Variables() => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _requests.Enqueue((signal, body.ToArray()));
        if (signal == "traces")
        {
            foreach (var span in OtlpSpan.Read(body.ToArray()))
            {
                _spans.Enqueue(span);
            }
        }

        return Results.Bytes([], "application/x-protobuf");
    }
}
