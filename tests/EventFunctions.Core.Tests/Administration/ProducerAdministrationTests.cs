using EventFunctions.Administration;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Producers.Registry;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Administration;

public sealed class ProducerAdministrationTests : IAsyncDisposable
{
    private readonly RegistryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    private static Producer Producer(string name, string source, string? template = null) => RegistryScenario.Producer(name, source, template);

    private static Precondition Match(params string[] tags) => new() { IfMatch = [.. tags] };

    [Fact]
    public async Task Who_changed_what_and_when_is_kept()
    {
        var instance = _scenario.Start();
        var start = _scenario.Time.GetUtcNow();
        Assert.Equal(ProducerVerdict.Created, (await instance.PutAsync(Producer("p", "/s"), by: "ann")).Verdict);
        _scenario.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ProducerVerdict.Replaced, (await instance.PutAsync(Producer("p", "/t"), Match("\"1\""), by: "bob")).Verdict);
        Assert.Equal(ProducerVerdict.Deleted, (await instance.DeleteAsync("p")).Verdict);
        Assert.Null(await instance.Administration.ReadAsync("p", Stop));
        Assert.Equal(ProducerVerdict.Created, (await instance.PutAsync(Producer("p", "/u"), by: "dan")).Verdict);

        var read = await instance.Administration.ReadAsync("p", Stop);
        var history = await instance.Administration.ReadHistoryAsync("p", 100, null, Stop);

        Assert.Equal(RegistryScenario.Instance.Written(Producer("p", "/u")), read!.Definition);
        Assert.Equal("\"4\"", read.ETag);
        Assert.Equal(
            [
                new(4, ProducerChangeKind.Created, start.AddHours(1), "dan", null),
                new(3, ProducerChangeKind.Deleted, start.AddHours(1), "somebody", RegistryScenario.Instance.Written(Producer("p", "/t"))),
                new(2, ProducerChangeKind.Replaced, start.AddHours(1), "bob", RegistryScenario.Instance.Written(Producer("p", "/s"))),
                new(1, ProducerChangeKind.Created, start, "ann", null),
            ],
            history!.Items);
        Assert.Null(history.Continuation);
        Assert.Null(await instance.Administration.ReadHistoryAsync("q", 100, null, Stop));
    }

    [Fact]
    public async Task History_comes_in_pages_that_neither_repeat_nor_miss_a_change()
    {
        var instance = _scenario.Start();
        for (var i = 1; i <= 7; i++)
        {
            await instance.PutAsync(Producer("p", $"/{i}"), i == 1 ? null : Match("*"));
        }

        var versions = new List<int>();
        string? continuation = null;
        do
        {
            var page = await instance.Administration.ReadHistoryAsync("p", 2, continuation, Stop);
            versions.AddRange(page!.Items.Select(change => change.Version));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], versions);
        await Assert.ThrowsAsync<InvalidContinuationException>(() => instance.Administration.ReadHistoryAsync("p", 2, "nonsense", Stop));
    }

    [Fact]
    public async Task A_producer_that_a_late_replica_still_has_is_created_again()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        there.Documents.Late = await _scenario.Store.ReadAsync(DocumentContainer.Producers, "p", "producer", Stop);
        await here.DeleteAsync("p");

        Assert.Equal(ProducerVerdict.Created, (await there.PutAsync(Producer("p", "/s"))).Verdict);

        Assert.Equal("p", await there.OwnerAsync("/s"));
    }

    [Fact]
    public async Task A_producer_that_a_late_replica_does_not_have_yet_is_deleted()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        await here.DeleteAsync("p");
        there.Documents.Late = await _scenario.Store.ReadAsync(DocumentContainer.Producers, "p", "producer", Stop);
        await here.PutAsync(Producer("p", "/s"));

        Assert.Equal(ProducerVerdict.Deleted, (await there.DeleteAsync("p")).Verdict);
    }

    [Fact]
    public async Task The_same_definition_again_changes_nothing()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));

        // Even with the tag from before: somebody who did not get the answer asks again.
        Assert.Equal(ProducerVerdict.Unchanged, (await instance.PutAsync(Producer("p", "/s"))).Verdict);
        Assert.Equal(ProducerVerdict.Unchanged, (await instance.PutAsync(Producer("p", "/s"), Match("\"0\""))).Verdict);
        Assert.Equal(ProducerVerdict.AlreadyExists, (await instance.PutAsync(Producer("p", "/s"), new Precondition { IfNoneMatch = ["*"] })).Verdict);
        Assert.Single((await instance.Administration.ReadHistoryAsync("p", 100, null, Stop))!.Items);
    }

    [Theory]
    [InlineData(false, null, null, ProducerVerdict.Created)]
    [InlineData(false, null, "*", ProducerVerdict.Created)]
    [InlineData(false, "*", null, ProducerVerdict.PreconditionFailed)]
    [InlineData(false, "\"1\"", null, ProducerVerdict.PreconditionFailed)]
    [InlineData(true, null, null, ProducerVerdict.PreconditionRequired)]
    [InlineData(true, null, "*", ProducerVerdict.AlreadyExists)]
    [InlineData(true, null, "\"1\"", ProducerVerdict.AlreadyExists)]
    [InlineData(true, null, "\"2\"", ProducerVerdict.Replaced)]
    [InlineData(true, "*", null, ProducerVerdict.Replaced)]
    [InlineData(true, "\"1\"", null, ProducerVerdict.Replaced)]
    [InlineData(true, "\"2\"", null, ProducerVerdict.PreconditionFailed)]
    [InlineData(true, "W/\"1\"", null, ProducerVerdict.PreconditionFailed)]
    [InlineData(true, "\"1\"", "\"1\"", ProducerVerdict.AlreadyExists)]
    public async Task A_change_asks_for_the_state_that_it_means_to_change(bool exists, string? ifMatch, string? ifNoneMatch, ProducerVerdict expected)
    {
        var instance = _scenario.Start();
        if (exists)
        {
            await instance.PutAsync(Producer("p", "/s"));
        }

        var outcome = await instance.PutAsync(Producer("p", "/t"), new Precondition
        {
            IfMatch = ifMatch is null ? null : [ifMatch],
            IfNoneMatch = ifNoneMatch is null ? null : [ifNoneMatch],
        });

        Assert.Equal(expected, outcome.Verdict);
        Assert.Equal(expected is ProducerVerdict.Created or ProducerVerdict.Replaced ? "p" : null, await instance.OwnerAsync("/t"));
    }

    [Fact]
    public async Task What_is_deleted_can_be_neither_deleted_nor_replaced_but_made_again()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));

        Assert.Equal(ProducerVerdict.PreconditionRequired, (await instance.DeleteAsync("p", Precondition.None)).Verdict);
        Assert.Equal(ProducerVerdict.PreconditionFailed, (await instance.DeleteAsync("p", Match("\"7\""))).Verdict);
        Assert.Equal(ProducerVerdict.Deleted, (await instance.DeleteAsync("p", Match("\"1\""))).Verdict);
        Assert.Equal(ProducerVerdict.NotFound, (await instance.DeleteAsync("p", Precondition.None)).Verdict);
        Assert.Equal(ProducerVerdict.PreconditionFailed, (await instance.OverwriteAsync(Producer("p", "/s"))).Verdict);
        Assert.Null(await instance.OwnerAsync("/s"));
        Assert.Equal(ProducerVerdict.Created, (await instance.PutAsync(Producer("p", "/s"), new Precondition { IfNoneMatch = ["*"] })).Verdict);
        Assert.Equal("p", await instance.OwnerAsync("/s"));
    }

    [Fact]
    public async Task A_source_has_one_producer_and_can_be_taken_when_it_is_given_up()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("a", "/s"));

        var taken = await instance.PutAsync(Producer("b", "/s"));
        Assert.Equal((ProducerVerdict.SourceTaken, "a"), (taken.Verdict, taken.Owner));

        Assert.Equal(ProducerVerdict.Replaced, (await instance.OverwriteAsync(Producer("a", "/t"))).Verdict);
        Assert.Equal(ProducerVerdict.Created, (await instance.PutAsync(Producer("b", "/s"))).Verdict);
        Assert.Equal(ProducerVerdict.SourceTaken, (await instance.OverwriteAsync(Producer("a", "/s"))).Verdict);
        Assert.Equal(ProducerVerdict.Deleted, (await instance.DeleteAsync("b")).Verdict);
        Assert.Equal(ProducerVerdict.Replaced, (await instance.OverwriteAsync(Producer("a", "/s"))).Verdict);
        Assert.Equal("a", await instance.OwnerAsync("/s"));
        Assert.Null(await instance.OwnerAsync("/t"));
    }

    [Fact]
    public async Task What_the_settings_have_cannot_be_changed()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));

        Assert.Equal(ProducerVerdict.Fixed, (await instance.PutAsync(Producer("fixed", "/other"))).Verdict);
        Assert.Equal(ProducerVerdict.Fixed, (await instance.DeleteAsync("fixed")).Verdict);
        var taken = await instance.PutAsync(Producer("p", "/fixed"));
        Assert.Equal((ProducerVerdict.SourceTaken, "fixed"), (taken.Verdict, taken.Owner));
        Assert.Equal("fixed", await instance.OwnerAsync("/fixed"));
    }

    [Fact]
    public async Task Of_many_that_want_one_source_at_once_exactly_one_has_it()
    {
        var instances = new[] { _scenario.Start(), _scenario.Start() };
        for (var round = 0; round < 10; round++)
        {
            var source = $"/s{round}";
            var outcomes = await _scenario.Time.PassDuringAsync(Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            {
                var name = $"p{round}-{i}";
                while (true)
                {
                    try
                    {
                        return (Name: name, (await instances[i % 2].PutAsync(Producer(name, source))).Verdict);
                    }
                    catch (ContentionException)
                    {
                        // So many that it asks to come again.
                    }
                }
            }))));

            var winner = Assert.Single(outcomes, outcome => outcome.Verdict == ProducerVerdict.Created);
            Assert.All(outcomes.Except([winner]), outcome => Assert.Equal(ProducerVerdict.SourceTaken, outcome.Verdict));
            Assert.All(instances, instance => Assert.Equal(winner.Name, OwnerNow(instance, source)));
        }

        // After the pause in which nobody asked.
        string? OwnerNow(RegistryScenario.Instance instance, string source)
        {
            _scenario.Time.Advance(TimeSpan.FromHours(1));
            return instance.OwnerAsync(source).GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task Of_many_changes_to_one_state_exactly_one_is_made()
    {
        var instances = new[] { _scenario.Start(), _scenario.Start() };
        await instances[0].PutAsync(Producer("p", "/s"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Task.Run(() => instances[i % 2].PutAsync(Producer("p", "/s", $"{i}"), Match("\"1\"")))));

        Assert.Single(outcomes, outcome => outcome.Verdict == ProducerVerdict.Replaced);
        Assert.Equal(7, outcomes.Count(outcome => outcome.Verdict == ProducerVerdict.PreconditionFailed));
        Assert.Equal(2, (await instances[0].Administration.ReadHistoryAsync("p", 100, null, Stop))!.Items.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whoever_is_overtaken_before_a_write_does_not_get_a_source_twice(int write)
    {
        var (slow, fast) = (_scenario.Start(), _scenario.Start());
        ProducerOutcome? overtaking = null;
        slow.Documents.BeforeWrite = async (number, _) => overtaking ??= number == write ? await fast.PutAsync(Producer("b", "/s")) : null;

        var outcome = await slow.PutAsync(Producer("a", "/s"));

        Assert.Equal(ProducerVerdict.Created, overtaking!.Verdict);
        Assert.Equal((ProducerVerdict.SourceTaken, "b"), (outcome.Verdict, outcome.Owner));
        Assert.Null(await slow.Administration.ReadAsync("a", Stop));
        Assert.Equal("b", await slow.OwnerAsync("/s"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_source_that_is_given_up_and_wanted_back_is_not_had_by_two(int write)
    {
        var (slow, fast) = (_scenario.Start(), _scenario.Start());
        await slow.PutAsync(Producer("a", "/s"));
        await slow.OverwriteAsync(Producer("a", "/t"));
        slow.Documents.ResetCounts();
        ProducerOutcome? overtaking = null;
        slow.Documents.BeforeWrite = async (number, _) => overtaking ??= number == write ? await fast.PutAsync(Producer("b", "/s")) : null;

        var outcome = await slow.OverwriteAsync(Producer("a", "/s"));

        Assert.Equal(ProducerVerdict.Created, overtaking!.Verdict);
        Assert.Equal(ProducerVerdict.SourceTaken, outcome.Verdict);
        Assert.Equal("/t", (await slow.Administration.ReadAsync("a", Stop))!.Source);
    }

    // Creating takes 3 writes (claim, producer, announcement), replacing 4.
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public async Task Whoever_is_killed_at_a_write_leaves_a_registry_that_works(int write, bool after)
    {
        var before = _scenario.Start();
        await before.PutAsync(Producer("a", "/s"));
        var dying = _scenario.Start();
        dying.Documents.BeforeWrite = (number, _) => number == write && !after ? throw new InvalidOperationException("killed") : Task.CompletedTask;
        dying.Documents.AfterWrite = number => number == write && after ? throw new InvalidOperationException("killed") : Task.CompletedTask;

        await Assert.ThrowsAsync<InvalidOperationException>(() => dying.OverwriteAsync(Producer("a", "/t")));

        var living = _scenario.Start();
        var made = (await living.Administration.ReadAsync("a", Stop))!.Source == "/t";
        Assert.Equal(made ? ProducerVerdict.SourceTaken : ProducerVerdict.Created, (await living.PutAsync(Producer("b", "/t"))).Verdict);
        Assert.Equal(made ? ProducerVerdict.Created : ProducerVerdict.SourceTaken, (await living.PutAsync(Producer("c", "/s"))).Verdict);
        Assert.Equal(made ? [2, 1] : [1], (await living.Administration.ReadHistoryAsync("a", 100, null, Stop))!.Items.Select(change => change.Version));
        Assert.Equal(made ? "a" : "b", await living.OwnerAsync("/t"));
        Assert.Equal(made ? "c" : "a", await living.OwnerAsync("/s"));
    }
}
