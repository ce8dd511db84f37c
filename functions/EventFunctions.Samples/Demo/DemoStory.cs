using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>What the demo shows beside its many events: a scene for each thing that the service does.</summary>
/// <param name="stage">What the scenes share.</param>
public sealed class DemoStory(DemoStage stage)
{
    /// <summary>The type that is published only if no probe caused it.</summary>
    public const string FilteredType = "policy.viewed";

    /// <summary>The type that is expected every few seconds.</summary>
    public const string ExpectedType = "policy.audited";

    private const string ExpectEvery = "00:00:03";

    /// <summary>Registers the producer and plays the scenes.</summary>
    /// <param name="cancellationToken">Ends the story.</param>
    /// <returns>What came of each.</returns>
    public async Task<IReadOnlyList<DemoRow>> PrintAsync(CancellationToken cancellationToken)
    {
        var registered = await stage.Administration.PutAsync($"api/producers/{DemoStage.Producer}", Definition(), cancellationToken);
        var scenes = await Task.WhenAll(
            new FeedScene(stage).PlayAsync(cancellationToken),
            new MessageScene(stage).PlayAsync(cancellationToken),
            new SenderScene(stage).PlayAsync(cancellationToken),
            new FilterScene(stage).PlayAsync(cancellationToken),
            new PolicyScene(stage).PlayAsync(cancellationToken),
            new SilenceScene(stage).PlayAsync(cancellationToken));
        return [new("producers registered", registered.Status == 201 ? 1 : 0, 1), .. scenes.SelectMany(rows => rows)];
    }

    private string Definition() => $$"""
        {
          "source": "{{DemoStage.Source}}",
          "data": { "baseUrl": "{{new Uri(stage.Administration.Address, SampleProducers.Prefix + "/").AbsoluteUri}}", "template": "policies/{subject}?event={id}" },
          "types": {
            "{{PolicyScene.Type}}": { "changes": true },
            "{{FilteredType}}": { "publish": [ { "operatorType": "StringNotIn", "key": "data.user", "values": ["probe"] } ] },
            "{{ExpectedType}}": { "expectEvery": "{{ExpectEvery}}" }
          }
        }
        """;
}
