using System.Text.Json;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Records;

namespace EventFunctions.Local.Demo;

/// <summary>
/// A policy changes and its history shows the changes; then the producer loses policies for a while, and the failed events are replayed as
/// a group.
/// </summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class PolicyScene(DemoStage stage)
{
    /// <summary>The type of the scene's events.</summary>
    public const string Type = "policy.renewed";

    private const int Policy = 6_000;
    private const int Revisions = 3;
    private const int FirstLost = 7_000;
    private const int Lost = 5;

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken) =>
        [.. await ChangeAsync(cancellationToken), .. await LoseAsync(cancellationToken)];

    private async Task<IReadOnlyList<DemoRow>> ChangeAsync(CancellationToken cancellationToken)
    {
        var subject = PolicyDocument.Subject(Policy);
        var ids = stage.Ids("changed", Revisions);
        for (var revision = 0; revision < Revisions; revision++)
        {
            await BehaveAsync(new ProducerRule { Subject = subject, Revision = revision }, cancellationToken);
            await stage.PostAsync(ids[revision], Type, subject, data: null, cancellationToken);
            await stage.CompletedAsync(DemoStage.Source, [ids[revision]], run: 0, cancellationToken);
        }

        var known = 0;
        await stage.UntilAsync(
            async () =>
            {
                var entity = await stage.Administration.GetAsync(DemoStage.EntityPath(subject), cancellationToken);
                known = entity.Status == 200 ? entity.Json.GetProperty("events").GetInt32() : 0;
                return known == Revisions;
            },
            cancellationToken);
        var history = await stage.Administration.GetAsync(DemoStage.EntityPath(subject) + "/events", cancellationToken);
        var told = history.Status == 200 ? history.Json.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("id").GetString()) : [];
        return
        [
            new("events of one entity", known, Revisions),
            new("in its history, newest first", told.Zip(ids.Reverse()).Count(pair => pair.First == pair.Second), Revisions),
            new("with the changes since", ids.Skip(1).Where((id, i) => TellsChange(id, ids[i])).Count(), Revisions - 1),
        ];
    }

    private async Task<IReadOnlyList<DemoRow>> LoseAsync(CancellationToken cancellationToken)
    {
        await BehaveAsync(new ProducerRule { From = FirstLost, To = FirstLost + Lost - 1, FailAlways = true, Status = 404 }, cancellationToken);
        var ids = stage.Ids("lost", Lost);
        for (var i = 0; i < Lost; i++)
        {
            await stage.PostAsync(ids[i], Type, PolicyDocument.Subject(FirstLost + i), data: null, cancellationToken);
        }

        var failed = 0;
        await stage.UntilAsync(async () => (failed = await FailedAsync(cancellationToken)) == Lost, cancellationToken);

        await BehaveAsync(new ProducerRule(), cancellationToken);
        await stage.Administration.PostAsync("api/failures", JsonSerializer.Serialize(new { action = "replay", producer = DemoStage.Producer, type = Type, reason = FailureReason.DataNotFound }), cancellationToken);
        return
        [
            new("failed as a group", failed, Lost),
            new("replayed, completed", await stage.CompletedAsync(DemoStage.Source, ids, run: 1, cancellationToken), Lost),
            new("failures left in the group", await FailedAsync(cancellationToken), 0),
        ];
    }

    private async Task<int> FailedAsync(CancellationToken cancellationToken)
    {
        var failures = await stage.Administration.GetAsync("api/failures", cancellationToken);
        return failures.Json.GetProperty("items").EnumerateArray()
            .Where(group => group.GetProperty("producer").GetString() == DemoStage.Producer && group.GetProperty("reason").GetString() == FailureReason.DataNotFound)
            .Sum(group => group.GetProperty("count").GetInt32());
    }

    private bool TellsChange(string id, string previous) =>
        stage.Consumer.Received.TryGetValue(DemoStage.Enriched(id, run: 0), out var enriched)
        && enriched.TryGetProperty("previousid", out var before) && before.GetString() == previous
        && enriched.TryGetProperty("changes", out var changes) && changes.GetString()!.Contains("\"/premium/amount\"", StringComparison.Ordinal);

    private Task BehaveAsync(ProducerRule rule, CancellationToken cancellationToken) =>
        stage.Api.PutBehaviourAsync(JsonSerializer.SerializeToUtf8Bytes(rule, ProducerRule.Json), cancellationToken);
}
