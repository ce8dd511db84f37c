using System.Text;
using EventFunctions.Administration;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Administration;

public sealed class ProducerKeyAdministrationTests : IAsyncDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly ProducerKeyRequest Plain = new(null, null);

    private readonly RegistryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    private static Producer Producer(string name, string source) => RegistryScenario.Producer(name, source);

    private static async Task<(string Id, string Text)> MakeAsync(RegistryScenario.Instance instance, string producer, DateTimeOffset? expiresAt = null)
    {
        var made = await instance.Keys.CreateAsync(producer, new ProducerKeyRequest("nightly job", expiresAt), "ann", Stop);
        Assert.Equal(ProducerKeyVerdict.Created, made.Verdict);
        return (made.Key!.Id, made.Text!);
    }

    private static async Task<string?> OwnerAsync(RegistryScenario.Instance instance, string key) =>
        (await instance.Registry.FindByKeyAsync(key, Stop))?.Name;

    private static async Task<bool> RequiresAsync(RegistryScenario.Instance instance, string producer) => await instance.Registry.RequiresKeyAsync(producer, Stop);

    private static Task EventuallyAsync(Func<Task<bool>> condition) => Poll.UntilAsync(condition, () => "the registry did not see it");

    [Fact]
    public async Task A_key_opens_its_producer_alone_and_is_kept_nowhere()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        await instance.PutAsync(Producer("p", "/s"));

        var (ofStored, ofSettings) = (await MakeAsync(instance, "p"), await MakeAsync(instance, "fixed"));
        var other = ofStored.Text[..^1] + (ofStored.Text[^1] == '0' ? '1' : '0');

        Assert.Equal(("p", "fixed"), (await OwnerAsync(instance, ofStored.Text), await OwnerAsync(instance, ofSettings.Text)));
        Assert.All(await Task.WhenAll(new[] { other, "", "efp_p", ofStored.Text + "0", ofStored.Text.ToUpperInvariant() }.Select(key => OwnerAsync(instance, key))), Assert.Null);
        Assert.StartsWith($"efp_p_{ofStored.Id}_", ofStored.Text, StringComparison.Ordinal);
        var document = (await _scenario.Store.ReadAsync(DocumentContainer.Producers, "p", "keys", Stop))!;
        Assert.DoesNotContain(ofStored.Text[^64..], Encoding.UTF8.GetString(document.Body.Span), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task From_its_first_key_on_a_producer_needs_one_until_all_are_removed()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        await instance.PutAsync(Producer("q", "/q"));
        Assert.False(await RequiresAsync(instance, "p"));

        var key = await MakeAsync(instance, "p", _scenario.Time.GetUtcNow() + Day);
        Assert.Equal((true, false), (await RequiresAsync(instance, "p"), await RequiresAsync(instance, "q")));

        var revoked = await instance.Keys.RevokeAsync("p", key.Id, "ann", Stop);
        var again = await instance.Keys.RevokeAsync("p", key.Id, "bob", Stop);
        Assert.Equal((ProducerKeyVerdict.Revoked, ProducerKeyVerdict.Unchanged), (revoked.Verdict, again.Verdict));
        Assert.Equal((null, true), (await OwnerAsync(instance, key.Text), await RequiresAsync(instance, "p")));
        var listed = Assert.Single((await instance.Keys.ReadAsync("p", Stop))!.All);
        Assert.Equal(("nightly job", "ann", "ann"), (listed.Label, listed.CreatedBy, listed.RevokedBy));

        Assert.Equal(ProducerKeyVerdict.Removed, (await instance.Keys.RemoveAllAsync("p", Stop)).Verdict);
        Assert.False(await RequiresAsync(instance, "p"));
    }

    [Fact]
    public async Task A_rotated_key_is_valid_during_the_overlap_and_the_new_one_as_long_as_it_was()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var start = _scenario.Time.GetUtcNow();
        var old = await MakeAsync(instance, "p", start + (30 * Day));
        _scenario.Time.Advance(10 * Day);

        var rotated = await instance.Keys.RotateAsync("p", old.Id, Day, "bob", Stop);
        var again = await instance.Keys.RotateAsync("p", old.Id, Day, "bob", Stop);

        Assert.Equal((ProducerKeyVerdict.Created, ProducerKeyVerdict.Replaced), (rotated.Verdict, again.Verdict));
        Assert.Equal(("nightly job", "bob", start + (40 * Day)), (rotated.Key!.Label, rotated.Key.CreatedBy, rotated.Key.ExpiresAt));
        Assert.Equal(("p", "p"), (await OwnerAsync(instance, old.Text), await OwnerAsync(instance, rotated.Text!)));
        _scenario.Time.Advance(Day);
        Assert.Equal((null, "p"), (await OwnerAsync(instance, old.Text), await OwnerAsync(instance, rotated.Text!)));
        _scenario.Time.Advance(29 * Day);
        Assert.Equal((null, true), (await OwnerAsync(instance, rotated.Text!), await RequiresAsync(instance, "p")));
        Assert.Equal(ProducerKeyVerdict.Ended, (await instance.Keys.RotateAsync("p", rotated.Key.Id, Day, "bob", Stop)).Verdict);
    }

    [Fact]
    public async Task A_rotation_without_overlap_ends_the_old_key_at_once_and_one_never_lengthens_it()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var (leaked, short_) = (await MakeAsync(instance, "p"), await MakeAsync(instance, "p", _scenario.Time.GetUtcNow() + TimeSpan.FromHours(1)));

        await instance.Keys.RotateAsync("p", leaked.Id, TimeSpan.Zero, "ann", Stop);
        await instance.Keys.RotateAsync("p", short_.Id, Day, "ann", Stop);

        Assert.Null(await OwnerAsync(instance, leaked.Text));
        _scenario.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await OwnerAsync(instance, short_.Text));
    }

    [Fact]
    public async Task Another_instance_sees_a_new_key_with_its_first_use_and_a_revoked_one_with_its_next_refresh()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        Assert.Equal("p", await there.OwnerAsync("/s"));
        var key = await MakeAsync(here, "p");
        _scenario.Time.Advance(_scenario.Options.LookupEvery);
        Assert.Equal("p", await OwnerAsync(there, key.Text));

        await here.Keys.RevokeAsync("p", key.Id, "ann", Stop);

        Assert.Null(await OwnerAsync(here, key.Text));
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        await EventuallyAsync(async () => await OwnerAsync(there, key.Text) is null);
    }

    [Fact]
    public async Task Known_keys_cost_no_read()
    {
        var instance = _scenario.Start(Producer("fixed", "/fixed"));
        var key = await MakeAsync(instance, "fixed");
        instance.Documents.ResetCounts();

        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(("fixed", true), (await OwnerAsync(instance, key.Text), await RequiresAsync(instance, "fixed")));
            Assert.Null(await OwnerAsync(instance, key.Text[..^64] + new string('0', 64)));
        }

        Assert.Equal((0, 0), (instance.Documents.Reads, instance.Documents.Queries));
    }

    [Fact]
    public async Task A_producer_that_is_registered_again_does_not_inherit_the_keys_of_its_name()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var before = await MakeAsync(instance, "p");
        await instance.OverwriteAsync(Producer("p", "/other"));
        Assert.Equal("p", await OwnerAsync(instance, before.Text));

        await instance.DeleteAsync("p");
        await instance.PutAsync(Producer("p", "/s"));

        Assert.Equal((null, false), (await OwnerAsync(instance, before.Text), await RequiresAsync(instance, "p")));
        Assert.Empty((await instance.Keys.ReadAsync("p", Stop))!.All);
        var after = await MakeAsync(instance, "p");
        Assert.Equal((null, "p"), (await OwnerAsync(instance, before.Text), await OwnerAsync(instance, after.Text)));
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_open_nothing_and_are_required_nevertheless()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        await _scenario.Store.UpsertAsync(DocumentContainer.Producers, new Document("p", "keys", """{"kind":"keys","keys":7}"""u8.ToArray()), Stop);
        _scenario.Time.Advance(_scenario.Options.ReloadEvery);

        await EventuallyAsync(() => RequiresAsync(instance, "p"));
        Assert.Equal("p", await instance.OwnerAsync("/s"));
    }

    [Fact]
    public async Task Two_administrators_at_once_lose_no_key()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        var first = true;
        here.Documents.BeforeWrite = async (_, partition) =>
        {
            if (partition == "p" && first)
            {
                first = false;
                await MakeAsync(there, "p");
            }
        };
        await MakeAsync(here, "p");
        Assert.Equal(2, (await here.Keys.ReadAsync("p", Stop))!.All.Length);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_still_shows_the_key_and_makes_no_second_one()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        var twice = _scenario.StartOn(new DoubledDocuments(_scenario.Store));

        var made = await MakeAsync(twice, "p");
        var rotated = await twice.Keys.RotateAsync("p", made.Id, Day, "ann", Stop);
        var revoked = await twice.Keys.RevokeAsync("p", made.Id, "ann", Stop);

        Assert.Equal((ProducerKeyVerdict.Created, ProducerKeyVerdict.Unchanged), (rotated.Verdict, revoked.Verdict));
        Assert.Equal([made.Id, rotated.Key!.Id], (await twice.Keys.ReadAsync("p", Stop))!.All.Select(key => key.Id));
        Assert.Equal((null, "p"), (await OwnerAsync(twice, made.Text), await OwnerAsync(twice, rotated.Text!)));
    }

    [Fact]
    public async Task Active_keys_are_bounded_and_ended_ones_are_forgotten_in_time()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));
        for (var round = 0; round < ProducerKeyAdministration.MaxEnded + 5; round++)
        {
            var key = await MakeAsync(instance, "p");
            await instance.Keys.RevokeAsync("p", key.Id, "ann", Stop);
        }

        var ids = new List<string>();
        for (var i = 0; i < ProducerKeyAdministration.MaxActive; i++)
        {
            ids.Add((await MakeAsync(instance, "p")).Id);
        }

        var more = await instance.Keys.CreateAsync("p", Plain, "ann", Stop);
        var rotation = await instance.Keys.RotateAsync("p", ids[0], Day, "ann", Stop);

        Assert.Equal((ProducerKeyVerdict.TooMany, ProducerKeyVerdict.TooMany), (more.Verdict, rotation.Verdict));
        var keys = (await instance.Keys.ReadAsync("p", Stop))!.All;
        Assert.Equal(ProducerKeyAdministration.MaxActive + ProducerKeyAdministration.MaxEnded, keys.Length);
        Assert.Equal(ids, keys.Where(key => key.RevokedAt is null).Select(key => key.Id));
    }

    [Fact]
    public async Task There_are_no_keys_of_a_producer_that_there_is_not()
    {
        var instance = _scenario.Start();
        await instance.PutAsync(Producer("p", "/s"));

        Assert.Null(await instance.Keys.ReadAsync("q", Stop));
        Assert.Equal(ProducerKeyVerdict.NoProducer, (await instance.Keys.CreateAsync("q", Plain, "ann", Stop)).Verdict);
        Assert.Equal(ProducerKeyVerdict.NoProducer, (await instance.Keys.RemoveAllAsync("q", Stop)).Verdict);
        Assert.Equal(ProducerKeyVerdict.NoKey, (await instance.Keys.RevokeAsync("p", "0a1b2c3d4e5f", "ann", Stop)).Verdict);
        Assert.Equal(ProducerKeyVerdict.NoKey, (await instance.Keys.RotateAsync("p", "0a1b2c3d4e5f", Day, "ann", Stop)).Verdict);
    }

    [Fact]
    public async Task A_key_for_a_producer_that_a_late_replica_still_has_as_it_was_opens_the_new_one()
    {
        var (here, there) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Producer("p", "/s"));
        there.Documents.Late = await _scenario.Store.ReadAsync(DocumentContainer.Producers, "p", "producer", Stop);
        await here.DeleteAsync("p");
        await here.PutAsync(Producer("p", "/s"));

        var (_, text) = await MakeAsync(there, "p");

        Assert.Equal("p", await OwnerAsync(there, text));
    }
}
