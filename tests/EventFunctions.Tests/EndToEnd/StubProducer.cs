using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>A producer with a memory of its own: it counts the fetches of each subject, and answers as it is told.</summary>
internal sealed class StubProducer : IAsyncDisposable
{
    /// <summary>How subjects begin that the producer has deleted.</summary>
    public const string Gone = "gone-";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _fetches = new(StringComparer.Ordinal);

    private StubProducer(WebApplication app) => _app = app;

    public Uri BaseUrl => new(_app.Urls.Single() + "/");

    /// <summary>How often each subject's data was handed out or refused.</summary>
    public IReadOnlyDictionary<string, int> Fetches => _fetches;

    /// <summary>The status of the next answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Answers wait for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public static async Task<StubProducer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var producer = new StubProducer(app);
        app.MapGet("/{subject}", producer.AnswerAsync);
        await app.StartAsync();
        return producer;
    }

    /// <summary>The full data of a subject, with a number that no double holds.</summary>
    public static string DataOf(string subject) => $$"""{"subject":"{{subject}}","premium":512.400000000000000000000000000001}""";

    /// <summary>The settings that register it as the owner of <paramref name="source"/>.</summary>
    public Dictionary<string, string> Registration(string source) => new()
    {
        ["Sample:Enabled"] = "false",
        ["Producers:stub:Name"] = "stub",
        ["Producers:stub:Source"] = source,
        ["Producers:stub:Data:BaseUrl"] = BaseUrl.AbsoluteUri,
        ["Producers:stub:Data:Template"] = "{subject}",
        ["Producers:stub:Entities"] = "true",
        ["ProducerClient:AllowedNetworks:0"] = "127.0.0.0/8",
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(string subject, CancellationToken cancellationToken)
    {
        _fetches.AddOrUpdate(subject, 1, (_, n) => n + 1);
        await Gate.WaitAsync(cancellationToken);
        return Status != StatusCodes.Status200OK ? Results.StatusCode(Status)
            : subject.StartsWith(Gone, StringComparison.Ordinal) ? Results.StatusCode(StatusCodes.Status410Gone)
            : Results.Text(DataOf(subject), "application/json");
    }
}
