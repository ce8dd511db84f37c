using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Streaming;

/// <summary>
/// Reads the stream of changes and reconnects when it ends, which is about once a minute: each time after the last position that the
/// service sent. Repeated events are left out.
/// </summary>
/// <param name="call">The run of the command.</param>
/// <param name="path">Path and query of the stream.</param>
/// <param name="place">The place to begin behind; null for now.</param>
internal sealed class EventTail(Call call, string path, string? place)
{
    // A connection that died without a word is noticed by then; one that lives loses nothing by coming again.
    private static readonly TimeSpan MaxConnection = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1_000 };

    // What was seen behind the place, and so may come again.
    private readonly HashSet<(string? Source, string? Id, long Run, string? Status, int Length)> _seen = [];

    private TimeSpan _retry = TimeSpan.FromSeconds(1);
    private int _failures;
    private bool _reached;

    /// <summary>The position to continue from; null before the first event.</summary>
    public string? Place => place;

    /// <summary>Reads the changes; there is no end to them.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">The service cannot be reached at the beginning, or refuses.</exception>
    public async IAsyncEnumerable<JsonElement> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(MaxConnection);
            using (var response = await OpenAsync(cancellationToken))
            {
                if (response is not null)
                {
                    var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken), (_, data) => Parse(data));
                    await using var changes = parser.EnumerateAsync(end.Token).GetAsyncEnumerator(CancellationToken.None);
                    while (await NextAsync(changes, cancellationToken))
                    {
                        if (IsNew(changes.Current.Data))
                        {
                            yield return changes.Current.Data;
                        }

                        // After the change was dealt with, so that breaking off repeats it.
                        Remember(parser);
                    }

                    Remember(parser);
                }
            }

            await Task.Delay(_retry, call.Context.Time, cancellationToken);
        }
    }

    private static JsonElement Parse(ReadOnlySpan<byte> data)
    {
        using var document = JsonDocument.Parse(data.ToArray(), Reading);
        return document.RootElement.Clone();
    }

    private async Task<HttpResponseMessage?> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new ServiceCall(HttpMethod.Get, path) { Headers = place is null ? [] : [("Last-Event-ID", place)] };
        try
        {
            var response = await call.Service.OpenAsync(request, cancellationToken);
            if (_failures > 1)
            {
                call.Output.WriteNote("The service is back.");
            }

            (_reached, _failures) = (true, 0);
            _retry = TimeSpan.FromSeconds(1);
            return response;
        }
        catch (ToolException e) when (e.ExitCode == ExitCode.Unreachable && _reached)
        {
            // A host that restarts is away for a moment: that is not worth a word.
            if (++_failures == 2)
            {
                call.Output.WriteNote($"{e.Lines[0]} Trying again.");
            }

            _retry = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, _failures - 1), MaxWait.TotalSeconds));
            return null;
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<JsonElement>> changes, CancellationToken cancellationToken)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private bool IsNew(JsonElement record) =>
        _seen.Add((record.Text("source"), record.Text("id"), record.Number("run"), record.Text("status"), record.Items("timeline").Count));

    private void Remember(SseParser<JsonElement> parser)
    {
        if (parser.ReconnectionInterval is { Ticks: > 0 } interval && interval < MaxWait)
        {
            _retry = interval;
        }

        if (parser.LastEventId is { Length: > 0 } id && id != place)
        {
            place = id;
            _seen.Clear();
        }
    }
}
