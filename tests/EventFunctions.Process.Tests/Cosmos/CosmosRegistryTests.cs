using EventFunctions.Administration;
using EventFunctions.Definitions;
using EventFunctions.Tests.Administration;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cosmos;

/// <summary>The registry of producers with two instances on one database.</summary>
public sealed class CosmosRegistryTests(CosmosAccount account)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_instances_share_one_registry()
    {
        await using var database = await TestDatabase.CreateAsync(account, withDocuments: true);
        using var otherClient = database.Connect();
        await using var scenario = new RegistryScenario();
        var here = scenario.StartOn(database.DocumentStore);
        var there = scenario.StartOn(database.DocumentStoreOver(otherClient));

        // Both want one source; then it changes hands, and what was there is remembered.
        var outcomes = await Task.WhenAll(
            here.PutAsync(RegistryScenario.Producer("a", "/s")), there.PutAsync(RegistryScenario.Producer("b", "/s")), here.PutAsync(RegistryScenario.Producer("c", "/s")));
        var winner = Assert.Single(outcomes, outcome => outcome.Verdict == ProducerVerdict.Created).Producer!.Name;
        Assert.Equal(2, outcomes.Count(outcome => outcome.Verdict == ProducerVerdict.SourceTaken && outcome.Owner == winner));
        Assert.Equal(ProducerVerdict.Replaced, (await here.OverwriteAsync(RegistryScenario.Producer(winner, "/t"))).Verdict);
        Assert.Equal(ProducerVerdict.Created, (await there.PutAsync(RegistryScenario.Producer("d", "/s"))).Verdict);
        Assert.Equal(ProducerVerdict.PreconditionFailed, (await there.PutAsync(RegistryScenario.Producer(winner, "/u"), new Precondition { IfMatch = ["\"1\""] })).Verdict);
        Assert.Equal([2, 1], (await there.Administration.ReadHistoryAsync(winner, 10, null, Stop))!.Items.Select(change => change.Version));
        Assert.Equal(ProducerVerdict.Deleted, (await there.DeleteAsync(winner)).Verdict);

        scenario.Time.Advance(scenario.Options.RefreshEvery);
        await Poll.UntilAsync(async () => await here.OwnerAsync("/s") == "d", () => "the other's registration was not seen");
        scenario.Time.Advance(scenario.Options.LookupEvery);
        Assert.Null(await here.OwnerAsync("/t"));
        Assert.Equal(["d"], (await here.Registry.ListAsync(Stop)).Select(producer => producer.Name));
    }
}
