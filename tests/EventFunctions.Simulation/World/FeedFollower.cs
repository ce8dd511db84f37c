using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Storage;
using EventFunctions.Streams;

namespace EventFunctions.Simulation.World;

/// <summary>A consumer that follows the feed of enriched events from its beginning, page by page.</summary>
internal sealed class FeedFollower(SimulatedWorld world)
{
    private const int Looks = 4;
    private const int MaxFailures = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HashSet<(EventKey, int)> _seen = [];
    private string? _cursor;

    /// <summary>Whether an enriched event was read.</summary>
    public bool Has(EventKey key, int run) => _seen.Contains((key, run));

    /// <summary>Looks at the feed now and then.</summary>
    public void Schedule(TimeSpan duration)
    {
        for (var look = 0; look < Looks; look++)
        {
            world.Thread.After(duration * world.Faults.Chance.NextDouble(), () => world.Start(ReadAsync));
        }
    }

    /// <summary>Reads what is new.</summary>
    public async Task ReadAsync()
    {
        for (var failures = 0; failures < MaxFailures;)
        {
            EventFeedPage? page = null;
            var cursor = _cursor;
            if (!await world.CallAsync(
                "read the feed", cursor ?? "", async instance => page = await instance.Get<EventFeed>().ReadAsync(new EventFeedQuery(new EventFilter(), Thin: false), cursor, TimeSpan.Zero, instance.Stopping), Patience))
            {
                failures++;
                await world.DelayAsync(TimeSpan.FromSeconds(30));
                continue;
            }

            foreach (var json in page!.Events)
            {
                using var read = JsonDocument.Parse(json);
                var source = read.RootElement.GetProperty("source").GetString()!;
                world.Judge.Assert(EventEncoder.TryReadEnrichedId(read.RootElement.GetProperty("id").GetString()!, out var id, out var run), $"The feed has an event that is not enriched.");
                _seen.Add((new EventKey(source, id!), run));
            }

            _cursor = page.Cursor;
            if (page.Events.Count == 0 && page.Cursor == cursor)
            {
                return;
            }
        }
    }
}
