using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Tests.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Intake;

public sealed class EventRefusalsTests : IAsyncDisposable
{
    private static readonly Producer Sender = new() { Name = "policies", Source = "/insurance/policies" };

    private readonly DeliveryScenario _scenario = new();
    private readonly EventRefusals _refusals;

    public EventRefusalsTests() => _refusals = new EventRefusals(
        _scenario.Documents, _scenario.Time, Options.Create(new IntakeOptions()), new RefusalLog(_scenario.Time, NullLogger<RefusalLog>.Instance));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Refusals_are_listed_newest_first()
    {
        await RefuseAsync("1");
        await RefuseAsync("2");
        await RefuseAsync("3");

        Assert.Equal(["3", "2", "1"], (await ListAsync()).Select(refusal => refusal.GetProperty("eventId").GetString()));
    }

    [Fact]
    public async Task Of_an_erased_refusal_everything_but_the_content_remains()
    {
        await RefuseAsync("1");
        var before = Assert.Single(await ListAsync());

        await _refusals.EraseAsync(Sender, new EntityKey(Sender.Source, "policy-42"), Stop);

        var after = Assert.Single(await ListAsync());
        foreach (var name in new[] { "producer", "eventId", "refusedAt", "expiresAt" })
        {
            Assert.Equal(before.GetProperty(name).GetString(), after.GetProperty(name).GetString());
        }

        Assert.True(after.GetProperty("erased").GetBoolean());
        Assert.Empty(after.GetProperty("errors").EnumerateArray());
        Assert.False(after.TryGetProperty("event", out _));
    }

    [Fact]
    public void Each_reason_of_a_rule_has_a_name_of_its_own() => Assert.All(
        Enum.GetValues<RefusalReason>(),
        reason => Assert.Equal(JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), RefusalReasonName.Of(reason)));

    private async Task RefuseAsync(string id)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","source":"/insurance/policies","subject":"policy-42"}""");
        await _refusals.RecordAsync([new RefusedItem(new ReceivedItem(json, id, Sender.Source), Sender.Name, [new EventError("#/type", "Required.")])], Stop);
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task<List<JsonElement>> ListAsync() =>
        [.. (await _refusals.ListAsync(Sender.Name, 10, null, Stop)).Items.Select(item => JsonElement.Parse(item.Body.Span))];
}
