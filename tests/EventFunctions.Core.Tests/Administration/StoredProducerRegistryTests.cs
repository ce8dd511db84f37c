using System.Text;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Administration;

public sealed class StoredProducerRegistryTests : IAsyncDisposable
{
    private readonly RegistryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    private static Producer Producer(string name, string source, string? template = null) => RegistryScenario.Producer(name, source, template);

    private static async Task<string?> TemplateAsync(RegistryScenario.Instance instance, string source) =>
        (await instance.Registry.FindBySourceAsync(source, Stop))?.Data!.Template;

    private static Task EventuallyAsync(Func<Task<bool>> condition) => Poll.UntilAsync(condition, () => "the registry did not see it");

    [Fact]
    public async Task A_change_is_seen_at_once_where_it_is_made_and_soon_by_the_others()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s", "v1"));
        Assert.Equal("v1", await TemplateAsync(there, "/s"));

        await here.OverwriteAsync(Producer("p", "/s", "v2"));

        Assert.Equal("v2", await TemplateAsync(here, "/s"));
        Assert.Equal("v1", await TemplateAsync(there, "/s"));
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        await EventuallyAsync(async () => await TemplateAsync(there, "/s") == "v2");
    }

    [Fact]
    public async Task A_deletion_is_seen_by_the_others()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        Assert.Equal("p", await there.OwnerAsync("/s"));

        await here.DeleteAsync("p");
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);

        await EventuallyAsync(async () => await there.OwnerAsync("/s") is null);
        Assert.Null(await there.Registry.FindByNameAsync("p", Stop));
    }

    [Fact]
    public async Task After_a_pause_the_first_event_meets_what_has_changed_meanwhile()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s", "v1"));
        Assert.Equal("v1", await TemplateAsync(there, "/s"));
        await here.OverwriteAsync(Producer("p", "/s", "v2"));

        _scenario.Time.Advance(TimeSpan.FromHours(1));

        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TemplateAsync(there, "/s"))));
        Assert.All(asked, template => Assert.Equal("v2", template));
    }

    [Fact]
    public async Task A_change_that_nobody_could_announce_is_seen_when_all_is_read_again()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s", "v1"));
        Assert.Equal("v1", await TemplateAsync(there, "/s"));
        here.Documents.BeforeWrite = (_, partition) => partition == ":version" ? throw new StoreUnavailableException("down") : Task.CompletedTask;
        await here.OverwriteAsync(Producer("p", "/s", "v2"));

        _scenario.Time.Advance(_scenario.Options.ReloadEvery);

        await EventuallyAsync(async () => await TemplateAsync(there, "/s") == "v2");
    }

    [Fact]
    public async Task Events_of_known_sources_cost_no_read()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        await instance.PutAsync(Producer("p", "/s"));
        instance.Documents.ResetCounts();

        for (var i = 0; i < 10_000; i++)
        {
            Assert.NotNull(await instance.OwnerAsync(i % 2 == 0 ? "/s" : "/fixed"));
        }

        Assert.Equal((0, 0), (instance.Documents.Reads, instance.Documents.Queries));
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        Assert.Equal("p", await instance.OwnerAsync("/s"));
        await EventuallyAsync(() => Task.FromResult(instance.Documents.Reads == 1));
    }

    [Fact]
    public async Task A_host_with_producers_of_its_settings_alone_does_not_need_the_store()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        instance.Documents.IsDown = true;

        Assert.Equal("fixed", await instance.OwnerAsync("/fixed"));
        Assert.Equal("fixed", (await instance.Registry.FindByNameAsync("fixed", Stop))!.Name);
        Assert.Equal(0, instance.Documents.Reads);
    }

    [Fact]
    public async Task Who_is_not_known_is_looked_for_once_more()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        Assert.Null(await there.OwnerAsync("/s"));
        await here.PutAsync(Producer("p", "/s"));

        _scenario.Time.Advance(_scenario.Options.LookupEvery);

        Assert.Equal("p", await there.OwnerAsync("/s"));
        Assert.Equal("/s", (await there.Registry.FindByNameAsync("p", Stop))!.Source);
    }

    [Fact]
    public async Task Who_was_registered_a_moment_ago_is_not_called_unknown_because_the_store_was_asked_just_before()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        Assert.Null(await there.OwnerAsync("/s"));
        _scenario.Time.Advance(_scenario.Options.LookupEvery / 10);
        await here.PutAsync(Producer("p", "/s"));

        var asking = there.OwnerAsync("/s");

        Assert.False(asking.IsCompleted);
        _scenario.Time.Advance(_scenario.Options.LookupEvery);
        Assert.Equal("p", await asking);
    }

    [Fact]
    public async Task A_name_that_is_asked_for_by_a_stranger_is_not_waited_for_and_is_found_soon()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start(Producer("fixed", "/fixed")));
        Assert.Null(await there.OwnerAsync("/s"));
        await here.PutAsync(Producer("p", "/s"));

        // The clock stands: an answer that waited for the next look would never come.
        Assert.Null(await there.Registry.FindKnownByNameAsync("p", Stop));
        Assert.Equal("/fixed", (await there.Registry.FindKnownByNameAsync("fixed", Stop))!.Source);

        _scenario.Time.Advance(_scenario.Options.LookupEvery);
        await EventuallyAsync(async () => await there.Registry.FindKnownByNameAsync("p", Stop) is { Source: "/s" });
    }

    [Fact]
    public async Task While_nothing_was_ever_read_every_name_is_answered_alike()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        instance.Documents.IsDown = true;

        foreach (var name in (string[])["fixed", "unknown"])
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await instance.Registry.FindKnownByNameAsync(name, Stop));
        }
    }

    [Fact]
    public async Task Strangers_do_not_make_the_store_busy()
    {
        var instance = _scenario.Start();
        Assert.Null(await instance.OwnerAsync("/first"));
        _scenario.Time.Advance(_scenario.Options.LookupEvery);
        instance.Documents.ResetCounts();

        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(() => instance.OwnerAsync($"/{i}"))));

        Assert.Equal(1, instance.Documents.Reads);
    }

    [Fact]
    public async Task While_the_store_is_down_what_was_read_serves()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        instance.Documents.IsDown = true;

        for (var i = 0; i < 10; i++)
        {
            _scenario.Time.Advance(TimeSpan.FromMinutes(10));
            Assert.Equal("p", await instance.OwnerAsync("/s"));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => instance.OwnerAsync("/unknown"));
        }

        Assert.Equal("p", Assert.Single(await instance.Registry.ListAsync(Stop)).Name);
    }

    [Fact]
    public async Task A_host_that_starts_without_its_store_says_so_and_works_when_it_is_back()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var later = _scenario.Start();
        later.Documents.IsDown = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => later.OwnerAsync("/s"));

        later.Documents.IsDown = false;

        Assert.Equal("p", await later.OwnerAsync("/s"));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_hides_no_other()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        await _scenario.Store.CreateAsync(
            DocumentContainer.Producers, new Document("broken", "producer", "{\"kind\":\"producer\",\"version\":1}"u8.ToArray()), Stop);
        await _scenario.Store.CreateAsync(
            DocumentContainer.Producers,
            new Document("old", "producer", Encoding.UTF8.GetBytes(
                """{"kind":"producer","version":1,"change":"created","at":"2026-11-23T09:30:00.000Z","by":"x","source":"/o","definition":"{\"name\":\"old\",\"colour\":1}"}""")),
            Stop);

        var later = _scenario.Start();

        Assert.Equal("p", Assert.Single(await later.Registry.ListAsync(Stop)).Name);
    }

    [Fact]
    public async Task A_stored_producer_is_hidden_by_one_of_the_settings_with_its_name_or_source()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("a", "/a"));
        await instance.PutAsync(Producer("b", "/b"));
        await instance.PutAsync(Producer("c", "/c"));

        var later = _scenario.Start(Producer("a", "/other"), Producer("other", "/b"));

        Assert.Equal(["a", "c", "other"], (await later.Registry.ListAsync(Stop)).Select(producer => producer.Name));
        Assert.Null(await later.OwnerAsync("/a"));
        Assert.Equal("other", await later.OwnerAsync("/b"));
    }

    [Fact]
    public async Task What_has_not_changed_stays_the_same_object()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var before = await instance.Registry.FindByNameAsync("p", Stop);

        await instance.PutAsync(Producer("q", "/t"));

        Assert.Same(before, await instance.Registry.FindByNameAsync("p", Stop));
    }

    [Fact]
    public async Task All_are_listed_however_many_there_are()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        for (var i = 0; i < 230; i++)
        {
            await instance.PutAsync(Producer($"p{i:d3}", $"/s{i}"), Precondition.None);
        }

        Assert.Equal(
            ["fixed", .. Enumerable.Range(0, 230).Select(i => $"p{i:d3}")],
            (await _scenario.Start(Producer("fixed", "/fixed")).Registry.ListAsync(Stop)).Select(producer => producer.Name));
    }
}
