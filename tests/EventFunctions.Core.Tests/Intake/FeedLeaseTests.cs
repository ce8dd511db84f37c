using EventFunctions.Intake.Feeds;
using EventFunctions.Storage;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class FeedLeaseTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IDocumentStore _store = Substitute.For<IDocumentStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public FeedLeaseTests()
    {
        _store.CreateAsync(default!, default!, Stop).ReturnsForAnyArgs("1");
        _store.ReplaceAsync(default!, default!, default!, Stop).ReturnsForAnyArgs("2");
    }

    [Theory]
    [InlineData(14, 30)]
    [InlineData(16, 46)]
    public async Task A_lease_is_renewed_once_half_of_its_time_has_passed(int seconds, int heldFor)
    {
        var taken = _time.GetUtcNow();
        var lease = await TakeAsync();
        _time.Advance(TimeSpan.FromSeconds(seconds));

        await lease.KeepAsync(Stop);

        Assert.Equal(taken.AddSeconds(heldFor), lease.State.HeldUntil);
    }

    [Fact]
    public async Task A_lease_that_another_instance_took_cannot_be_renewed()
    {
        var lease = await TakeAsync();
        _store.ReplaceAsync(default!, default!, default!, Stop).ReturnsForAnyArgs((string?)null);
        _time.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAsync<FeedLeaseLostException>(() => lease.KeepAsync(Stop));
    }

    private async Task<FeedLease> TakeAsync()
    {
        var lease = await FeedLease.TakeAsync(
            _store, "news", "one", new FeedsOptions { LeaseTime = TimeSpan.FromSeconds(30) }, _time, new FeedState { Url = "https://news.example.com/feed" }, null, Stop);
        Assert.NotNull(lease);
        return lease;
    }
}
