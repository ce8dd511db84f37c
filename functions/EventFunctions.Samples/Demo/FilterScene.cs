using System.Text.Json.Nodes;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>A rule keeps some events from being published; they are still recorded.</summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class FilterScene(DemoStage stage)
{
    private const int Policy = 4_000;
    private const int ByPeople = 3;
    private const int ByProbes = 5;

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken)
    {
        var probes = stage.Ids("probed", ByProbes);
        var people = stage.Ids("viewed", ByPeople);
        await PostAsync(probes, "probe", cancellationToken);
        await PostAsync(people, "ada", cancellationToken);
        var completed = await stage.CompletedAsync(DemoStage.Source, people, run: 0, cancellationToken);
        var filtered = await stage.IdsAsync(DemoStage.Source, "filtered", run: 0, cancellationToken);
        return
        [
            new("allowed by a rule, completed", completed, ByPeople),
            new("filtered by it, not published", probes.Count(id => filtered.Contains(id) && !stage.Consumer.Received.ContainsKey(id)), ByProbes),
        ];
    }

    private async Task PostAsync(IReadOnlyList<string> ids, string user, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            await stage.PostAsync(id, DemoStory.FilteredType, PolicyDocument.Subject(Policy), new JsonObject { ["user"] = user }, cancellationToken);
        }
    }
}
