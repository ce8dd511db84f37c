using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>A producer that does not post: its feed is read, and a bad event in it stops no other.</summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class FeedScene(DemoStage stage)
{
    private const int Events = 20;
    private const int FirstPolicy = 2_000;
    private const int BadPlace = 7;

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken)
    {
        var ids = stage.Ids("pulled", Events);
        var bad = stage.Ids("bad", 1)[0];
        var events = ids.Select((id, i) => Event(id, SampleProducers.Types[i % SampleProducers.Types.Count], i)).ToList();
        events.Insert(BadPlace, Event(bad, "no.such.type", BadPlace));
        await stage.Api.AppendToFeedAsync(events, cancellationToken);
        var completed = await stage.CompletedAsync(SampleProducers.FeedSource, ids, run: 0, cancellationToken);
        var refusals = await stage.Administration.GetAsync($"api/refusals?producer={SampleProducers.FeedName}", cancellationToken);
        var refused = refusals.Json.GetProperty("items").EnumerateArray().Count(refusal => refusal.GetProperty("eventId").GetString() == bad);
        return [new("pulled from a feed, completed", completed, Events), new("refused in the feed", refused, 1)];
    }

    private static DemoEvent Event(string id, string type, int i) => new(id, SampleProducers.FeedSource, type, PolicyDocument.Subject(FirstPolicy + i));
}
