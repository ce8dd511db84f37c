using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>A producer with a memory of its own: it counts the fetches of each subject, and answers as it is told.</summary>
internal sealed class StubProducer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _fetches = new(StringComparer.Ordinal);

    private StubProducer(WebApplication app) => _app = app;

    public Uri BaseUrl => new(_app.Urls.Single() + "/");

    /// <summary>How often each subject's data was handed out or refused.</summary>
    public IReadOnlyDictionary<string, int> Fetches => _fetches;

    /// <summary>The status of the next answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    public static async Task<StubProducer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var producer = new StubProducer(app);
        app.MapGet("/{subject}", producer.Answer);
        await app.StartAsync();
        return producer;
    }

    /// <summary>The settings that register it as the owner of <paramref name="source"/>.</summary>
    public Dictionary<string, string> Registration(string source) => new()
    {
        ["Sample:Enabled"] = "false",
        ["Producers:stub:Name"] = "stub",
        ["Producers:stub:Source"] = source,
        ["Producers:stub:Data:BaseUrl"] = BaseUrl.AbsoluteUri,
        ["Producers:stub:Data:Template"] = "{subject}",
        ["ProducerClient:AllowedNetworks:0"] = "127.0.0.0/8",
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Answer(string subject)
    {
        _fetches.AddOrUpdate(subject, 1, (_, n) => n + 1);
        return Status == StatusCodes.Status200OK
            ? Results.Text($$"""{"subject":"{{subject}}","premium":512.40}""", "application/json")
            : Results.StatusCode(Status);
    }
}
