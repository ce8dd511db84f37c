using System.Globalization;
using System.Text.Json;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Sending;

/// <summary>
/// Sends events, many as batches. If a batch is refused because of bad events, those are reported, and the others sent without them. If the
/// service is busy or unavailable for a moment, the batch is sent again; the service recognises repeats.
/// </summary>
/// <param name="call">The run of the command.</param>
internal sealed class EventSender(Call call)
{
    /// <summary>The most events of a batch.</summary>
    public const int MaxEvents = 500;

    /// <summary>The most bytes of a batch; the service takes a little more.</summary>
    public const int MaxBytes = 1_000_000;

    private const int MaxTries = 6;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    private bool _reached;

    /// <summary>How many events are durable by now, repeats included.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many of these the service had before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>How many have other content than another event with their ID.</summary>
    public long Conflicts { get; private set; }

    /// <summary>How many were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>What all of it comes to.</summary>
    public int Outcome { get; private set; } = ExitCode.Ok;

    /// <summary>Sends events.</summary>
    /// <param name="events">At most <see cref="MaxEvents"/>.</param>
    /// <param name="alone">Whether it is one event that is not to be sent as a batch.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">The service refuses all of them, or cannot be reached.</exception>
    public async Task SendAsync(IReadOnlyList<OutgoingEvent> events, bool alone, CancellationToken cancellationToken)
    {
        var rest = events;
        while (rest.Count > 0)
        {
            var answer = await PostAsync(rest, alone, cancellationToken);
            if (answer.IsSuccess)
            {
                Receive(alone ? [answer.Json] : [.. answer.Json.EnumerateArray()]);
                return;
            }

            // More than the producer's quota never fits at once.
            if (answer.Status == 413 && answer.Json.Property("quota")?.Number("eventsPerMinute") is > 0 and var most && most < rest.Count)
            {
                foreach (var part in rest.Chunk((int)most))
                {
                    await SendAsync(part, alone, cancellationToken);
                }

                return;
            }

            var faults = FaultsOf(answer, rest.Count, alone);
            if (answer.Status is not (400 or 403 or 409 or 413) || faults.Count == 0)
            {
                throw answer.ToException(call.Service.Connection);
            }

            var conflict = answer.Status == 409;
            Report(rest, faults);
            Conflicts += conflict ? faults.Count : 0;
            Refused += conflict ? 0 : faults.Count;

            // An unknown source is answered with 403, but no key would help.
            var outcome = answer.Json.Text("reason") == "unknownSource" ? ExitCode.Failed : ExitCode.OfStatus(answer.Status);
            Outcome = conflict && Outcome != ExitCode.Ok ? Outcome : outcome;
            Receive(answer.Json.Items("items"));
            rest = conflict ? [] : [.. rest.Where((_, index) => !faults.ContainsKey(index))];
        }
    }

    private static Dictionary<int, List<string>> FaultsOf(ServiceResponse answer, int count, bool alone)
    {
        var faults = new Dictionary<int, List<string>>();
        foreach (var (place, detail) in answer.Errors)
        {
            if (alone)
            {
                Add(0, $"{place}: {detail}");
            }
            else if (place.Split('/') is ["#", var first, .. var inside] && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count)
            {
                Add(index, $"{string.Join('/', ["#", .. inside])}: {detail}");
            }
        }

        // What is too large, or is said of the request alone, is said of its only event.
        if (faults.Count == 0 && count == 1 && answer.Status is 400 or 403 or 413)
        {
            Add(0, answer.Json.Text("detail") ?? $"{answer.Status}");
        }

        return faults;

        void Add(int index, string fault)
        {
            if (!faults.TryAdd(index, [fault]))
            {
                faults[index].Add(fault);
            }
        }
    }

    private void Report(IReadOnlyList<OutgoingEvent> events, Dictionary<int, List<string>> faults)
    {
        foreach (var (index, fault) in faults.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value.Select(fault => (pair.Key, fault))))
        {
            call.Output.WriteNote($"{events[index]}: {fault}");
        }
    }

    private void Receive(IReadOnlyList<JsonElement> receipts)
    {
        Accepted += receipts.Count;
        Duplicates += receipts.Count(receipt => receipt.IsTrue("duplicate"));
        foreach (var receipt in call.Output.IsJson ? receipts : [])
        {
            call.Output.Json(receipt);
        }
    }

    private async Task<ServiceResponse> PostAsync(IReadOnlyList<OutgoingEvent> events, bool alone, CancellationToken cancellationToken)
    {
        var request = new ServiceCall(HttpMethod.Post, "api/events")
        {
            Body = alone ? events[0].Json : Batch(events),
            ContentType = alone ? "application/cloudevents+json" : "application/cloudevents-batch+json",
        };
        for (var tries = 1; ; tries++)
        {
            var wait = TimeSpan.FromSeconds(Math.Pow(2, tries - 1));
            try
            {
                var answer = await call.Service.AskAsync(request, cancellationToken);
                _reached = true;
                if (answer.Status is not (429 or 502 or 503 or 504) || tries == MaxTries)
                {
                    return answer;
                }

                wait = answer.RetryAfter ?? wait;
                if (answer.Status == 429 && answer.Json.Text("detail") is { } detail)
                {
                    call.Output.WriteNote(detail);
                }
            }
            catch (ToolException e) when (e.ExitCode == ExitCode.Unreachable && _reached && tries < MaxTries)
            {
                // It was there a moment ago.
            }

            await Task.Delay(wait < MaxWait ? wait : MaxWait, call.Context.Time, cancellationToken);
        }
    }

    private static byte[] Batch(IReadOnlyList<OutgoingEvent> events)
    {
        using var body = new MemoryStream(events.Sum(e => e.Json.Length + 1) + 1);
        body.WriteByte((byte)'[');
        foreach (var (index, outgoing) in events.Index())
        {
            if (index > 0)
            {
                body.WriteByte((byte)',');
            }

            body.Write(outgoing.Json);
        }

        body.WriteByte((byte)']');
        return body.ToArray();
    }
}
