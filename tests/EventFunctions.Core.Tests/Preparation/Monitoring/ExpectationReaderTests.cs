using EventFunctions.Records;

namespace EventFunctions.Tests.Preparation.Monitoring;

public sealed class ExpectationReaderTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Late = Hour + TimeSpan.FromMinutes(3);

    private readonly MonitorScenario _scenario = new();

    [Fact]
    public async Task Before_anything_came_nothing_is_known_and_nothing_is_missing()
    {
        var state = await _scenario.StateAsync();

        Assert.Null(state.LastRecordedAt);
        Assert.Empty(state.Missing);
    }

    [Fact]
    public async Task What_does_not_come_is_missing_from_the_alarm_until_it_comes_again()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        var last = _scenario.Time.GetUtcNow();
        await _scenario.PassAsync(Late);

        var silent = await _scenario.StateAsync();
        await _scenario.ComeAsync();
        var back = await _scenario.StateAsync();

        Assert.Equal(last, silent.LastRecordedAt);
        var missing = Assert.Single(silent.Missing);
        Assert.Equal((null, last + Hour, last + Hour + TimeSpan.FromMinutes(2)), (missing.Entity, missing.ExpectedBy, missing.NoticedAt));
        Assert.True(silent.IsWhole);
        Assert.Empty(back.Missing);
        Assert.Equal(_scenario.Time.GetUtcNow(), back.LastRecordedAt);
    }

    [Fact]
    public async Task Entities_that_are_silent_are_told_by_their_subjects()
    {
        _scenario.Expect(Hour, perEntity: true);
        await _scenario.LookAsync();
        await _scenario.ComeAsync("a");
        await _scenario.ComeAsync("b");
        await _scenario.PassAsync(Hour / 2);
        await _scenario.ComeAsync("b");
        await _scenario.PassAsync(Late - (Hour / 2));

        var state = await _scenario.StateAsync();

        Assert.Equal(["a"], state.Missing.Select(missing => missing.Entity?.Subject));
        Assert.True(state.IsWhole);
    }

    [Fact]
    public async Task Entities_of_all_sources_of_a_pattern_are_watched_each_by_its_own_source()
    {
        _scenario.Expect(Hour, perEntity: true, source: "/hubs/*");
        await _scenario.LookAsync();
        await _scenario.ComeAsync("7", source: "/hubs/a");
        await _scenario.ComeAsync("7", source: "/hubs/b");
        await _scenario.ComeAsync("7", source: "/hubs/special", producer: "special");
        await _scenario.PassAsync(Hour / 2);
        await _scenario.ComeAsync("7", source: "/hubs/b");
        await _scenario.PassAsync(Late - (Hour / 2));

        var state = await _scenario.StateAsync();

        Assert.Equal([new EntityKey("/hubs/a", "7")], state.Missing.Select(missing => missing.Entity!.Value));
        Assert.Contains("\"source\":\"/hubs/a\"", Assert.Single(_scenario.Topic.Taken), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
