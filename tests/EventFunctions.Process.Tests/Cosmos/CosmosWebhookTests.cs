using EventFunctions.Definitions;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Webhooks;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Cosmos;

/// <summary>The registry of webhooks with two instances on one database.</summary>
public sealed class CosmosWebhookTests(CosmosAccount account)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_instances_share_one_registry()
    {
        await using var database = await TestDatabase.CreateAsync(account, withDocuments: true);
        using var otherClient = database.Connect();
        await using var scenario = new WebhookScenario();
        var (here, _) = scenario.Start(database.DocumentStore);
        var (there, _) = scenario.Start(database.DocumentStoreOver(otherClient));

        var outcomes = await Task.WhenAll(
            here.PutAsync(WebhookScenario.Definition(), Precondition.None, Stop), there.PutAsync(WebhookScenario.Definition(), Precondition.None, Stop));
        await there.PutAsync(WebhookScenario.Definition("erp"), Precondition.None, Stop);
        var rotations = await Task.WhenAll(
            here.RotateAsync("crm", new(WebhookRegistry.DefaultOverlap), Precondition.None, Stop), there.RotateAsync("crm", new(WebhookRegistry.DefaultOverlap), Precondition.None, Stop));

        var first = Assert.Single(outcomes, outcome => outcome.Verdict == WebhookVerdict.Created).NewSecret!.Text;
        var second = Assert.Single(rotations, outcome => outcome.Verdict == WebhookVerdict.Changed).NewSecret!.Text;
        Assert.Single(rotations, outcome => outcome.Verdict == WebhookVerdict.StillRotating);
        scenario.Time.Advance(scenario.Options.RefreshEvery);
        foreach (var registry in new[] { here, there })
        {
            await Poll.UntilAsync(
                async () => await registry.AllAsync(Stop) is { Count: 2 } all && all.First().Secrets is { Previous: not null }, () => "the other's change was not seen");
            var secrets = (await registry.FindAsync("crm", Stop))!.Secrets;
            Assert.Equal((second, first), (secrets.Current.Text, secrets.Previous!.Text));
        }
    }
}
