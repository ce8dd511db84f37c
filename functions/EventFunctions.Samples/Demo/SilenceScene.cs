using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>An expected event is missing, which is reported once, and arrives again, which is reported once.</summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class SilenceScene(DemoStage stage)
{
    private const string Missing = "missing-";
    private const string Resumed = "resumed-";
    private const int Policy = 5_000;

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken)
    {
        var ids = stage.Ids("audited", 2);
        await PostAsync(ids[0], cancellationToken);
        await stage.UntilAsync(() => Task.FromResult(Notices(Missing).Any()), cancellationToken);
        await PostAsync(ids[1], cancellationToken);
        await stage.UntilAsync(() => Task.FromResult(Notices(Resumed).Any()), cancellationToken);

        // The two of a gap share what follows; after the last event the next gap begins.
        var resumed = Notices(Resumed).Select(id => id[Resumed.Length..]).ToHashSet(StringComparer.Ordinal);
        return
        [
            new("silence reported", Notices(Missing).Count(id => resumed.Contains(id[Missing.Length..])), 1),
            new("its end reported", resumed.Count, 1),
        ];
    }

    private IEnumerable<string> Notices(string prefix) => stage.Consumer.Received.Keys.Where(id => id.StartsWith(prefix, StringComparison.Ordinal));

    private Task<PostResponse> PostAsync(string id, CancellationToken cancellationToken) =>
        stage.PostAsync(id, DemoStory.ExpectedType, PolicyDocument.Subject(Policy), data: null, cancellationToken);
}
