using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EventFunctions.Records;

namespace EventFunctions.Local.Demo;

/// <summary>What the scenes of a demo share.</summary>
public sealed record DemoStage
{
    /// <summary>The <c>source</c> of the producer that the demo registers.</summary>
    public const string Source = "/insurance/demo";

    /// <summary>That producer's name.</summary>
    public const string Producer = "demo";

    // More than any scene sends.
    private const int PageSize = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The service, as producers and operators use it.</summary>
    public required EventsApi Api { get; init; }

    /// <summary>The service, as its administrator uses it.</summary>
    public required AdministrationApi Administration { get; init; }

    /// <summary>The consumer of the events.</summary>
    public required DemoConsumer Consumer { get; init; }

    /// <summary>The secret that signs messages.</summary>
    public required string MessageSecret { get; init; }

    /// <summary>Another seed makes other IDs.</summary>
    public required int Seed { get; init; }

    /// <summary>How long a scene waits for each of its turns.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>The IDs of a scene's events.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="count">How many.</param>
    public IReadOnlyList<string> Ids(string scene, int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{scene}-{Seed}-{i}"))];

    /// <summary>Waits until a condition is true, or a time limit has passed.</summary>
    /// <param name="isSo">Asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await isSo() && Stopwatch.GetElapsedTime(begun) < Patience)
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Waits until events are finished, or a time limit has passed.</summary>
    /// <param name="source">Their source.</param>
    /// <param name="ids">Their IDs.</param>
    /// <param name="run">Their run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many have completed, with the consumer told.</returns>
    public async Task<int> CompletedAsync(string source, IReadOnlyList<string> ids, int run, CancellationToken cancellationToken)
    {
        var through = 0;
        await UntilAsync(
            async () =>
            {
                var completed = await IdsAsync(source, "completed", run, cancellationToken);
                through = ids.Count(id => completed.Contains(id) && Consumer.Received.ContainsKey(Enriched(id, run)));
                return through == ids.Count;
            },
            cancellationToken);
        return through;
    }

    /// <summary>The IDs of a source's events in a status.</summary>
    /// <param name="source">The source.</param>
    /// <param name="status">The status.</param>
    /// <param name="run">Their run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<HashSet<string>> IdsAsync(string source, string status, int run, CancellationToken cancellationToken)
    {
        var page = await Api.ListAsync($"status={status}&source={Uri.EscapeDataString(source)}", PageSize, continuation: null, cancellationToken);
        return [.. page.Items.Where(record => record.Run == run).Select(record => record.Id)];
    }

    /// <summary>Posts an event of the demo's own producer.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="type">Its type.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="data">Its payload, if any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PostResponse> PostAsync(string id, string type, string subject, JsonObject? data, CancellationToken cancellationToken) =>
        Api.PostAsync(new DemoEvent(id, Source, type, subject, data), cancellationToken);

    /// <summary>The path of an entity of the demo's own producer.</summary>
    /// <param name="subject">Its subject.</param>
    public static string EntityPath(string subject) =>
        $"api/entities/{Uri.EscapeDataString(EventPath.ToSegment(Source))}/{Uri.EscapeDataString(EventPath.ToSegment(subject))}";

    /// <summary>The ID of an enriched event.</summary>
    /// <param name="id">The ID of the event that it was made of.</param>
    /// <param name="run">The run.</param>
    public static string Enriched(string id, int run) => run == 0 ? $"{id}:enriched" : string.Create(CultureInfo.InvariantCulture, $"{id}:enriched:{run}");
}
