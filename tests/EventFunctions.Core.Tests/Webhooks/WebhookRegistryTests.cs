using System.Text;
using System.Text.Json;
using EventFunctions.Definitions;
using EventFunctions.Filters;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks;
using static EventFunctions.Tests.Webhooks.WebhookScenario;

namespace EventFunctions.Tests.Webhooks;

public sealed class WebhookRegistryTests : IAsyncDisposable
{
    private readonly WebhookScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    private static async Task<string[]> NamesAsync(WebhookRegistry registry) => [.. (await registry.AllAsync(Stop)).Select(webhook => webhook.Name)];

    [Fact]
    public async Task A_webhook_is_seen_at_once_where_it_is_made_and_soon_by_the_others()
    {
        var ((here, _), (there, _)) = (_scenario.Start(), _scenario.Start());
        Assert.Empty(await there.AllAsync(Stop));

        var created = await here.PutAsync(Definition(), Precondition.None, Stop);

        Assert.Equal(WebhookVerdict.Created, created.Verdict);
        Assert.Equal(["crm"], await NamesAsync(here));
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        await Poll.UntilAsync(async () => (await NamesAsync(there)).Length == 1, () => "the other instance did not see it");
        Assert.Equal(created.NewSecret!.Text, (await there.FindAsync("crm", Stop))!.Secrets.Current.Text);
        await here.DeleteAsync("crm", Any, Stop);
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        await Poll.UntilAsync(async () => (await NamesAsync(there)).Length == 0, () => "the other instance did not see that it is gone");
        Assert.Null(await here.FindAsync("crm", Stop));
    }

    [Fact]
    public async Task What_a_late_replica_still_has_is_no_reason_to_leave_a_webhook_as_it_is()
    {
        var ((here, _), (there, documents)) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Definition(), Precondition.None, Stop);
        documents.Late = await _scenario.Store.ReadAsync(DocumentContainer.Webhooks, "crm", "webhook", Stop);
        await here.DisableAsync("crm", WebhookDisabledReason.Operator, Stop);

        Assert.Equal(WebhookVerdict.Changed, (await there.EnableAsync("crm", Precondition.None, Stop)).Verdict);

        Assert.True((await there.FindAsync("crm", Stop))!.Enabled);
    }

    [Fact]
    public async Task A_late_replica_does_not_make_a_refused_deletion_look_done()
    {
        var ((here, _), (there, documents)) = (_scenario.Start(), _scenario.Start());
        await here.PutAsync(Definition(), Precondition.None, Stop);
        documents.Late = await _scenario.Store.ReadAsync(DocumentContainer.Webhooks, "crm", "webhook", Stop);
        await here.DeleteAsync("crm", Any, Stop);

        Assert.Equal(WebhookVerdict.PreconditionFailed, (await there.DeleteAsync("crm", new Precondition { IfMatch = ["\"other\""] }, Stop)).Verdict);
    }

    [Fact]
    public async Task Looking_at_the_webhooks_costs_no_read_and_they_stay_the_same_objects()
    {
        var (registry, documents) = _scenario.Start();
        await registry.PutAsync(Definition("a"), Precondition.None, Stop);
        await registry.PutAsync(Definition("b"), Precondition.None, Stop);
        var before = await registry.FindAsync("a", Stop);
        documents.ResetCounts();

        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(2, (await registry.AllAsync(Stop)).Count);
        }

        Assert.Equal((0, 0), (documents.Reads, documents.Queries));
        await registry.PutAsync(Definition("b", "https://other.example.com/"), Any, Stop);
        Assert.Same(before, await registry.FindAsync("a", Stop));
    }

    [Fact]
    public async Task What_was_known_serves_while_the_store_is_down()
    {
        var (registry, documents) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);
        documents.IsDown = true;
        _scenario.Time.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal(["crm"], await NamesAsync(registry));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => registry.DisableAsync("crm", WebhookDisabledReason.Gone, Stop));
    }

    [Fact]
    public async Task A_list_that_may_lack_a_new_webhook_is_not_dispatched_by()
    {
        var (registry, documents) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);
        documents.IsDown = true;
        _scenario.Time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => NamesAsync(registry));
        Assert.NotNull(await registry.FindAsync("crm", Stop));
    }

    [Fact]
    public async Task After_a_pause_the_first_dispatch_waits_for_a_new_list_also_if_the_last_refresh_failed()
    {
        var (registry, documents) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);
        documents.IsDown = true;
        _scenario.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(["crm"], await NamesAsync(registry));
        _scenario.Time.Advance(TimeSpan.FromMinutes(5));
        var reading = new TaskCompletionSource();
        (documents.IsDown, documents.BeforeRead) = (false, token => reading.Task.WaitAsync(token));

        var names = NamesAsync(registry);
        Assert.False(names.IsCompleted);
        reading.SetResult();

        Assert.Equal(["crm"], await names);
    }

    [Fact]
    public async Task A_list_is_read_again_for_a_dispatch_if_its_read_began_long_before()
    {
        var (registry, documents) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);
        var reading = new TaskCompletionSource();
        documents.BeforeRead = token => reading.Task.WaitAsync(token);
        _scenario.Time.Advance(_scenario.Options.RefreshEvery);
        Assert.Equal(["crm"], await NamesAsync(registry));
        documents.ResetCounts();
        await _scenario.Start().Registry.PutAsync(Definition("new"), Precondition.None, Stop);
        _scenario.Time.Advance(TimeSpan.FromMinutes(1));

        var names = NamesAsync(registry);
        reading.SetResult();

        Assert.Equal(["crm", "new"], await names);
        Assert.InRange(documents.Reads, 1, 2);
    }

    [Fact]
    public async Task All_that_a_webhook_is_survives_the_store()
    {
        var (registry, _) = _scenario.Start();
        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(
            JsonElement.Parse("""[{"operatorType":"NumberIn","key":"data.n","values":[12345678901234567890.123]},{"operatorType":"StringIn","key":"type","values":["é\"<"]}]"""), true, "", errors);
        var definition = Definition() with
        {
            Events = WebhookEvents.Thin,
            Filters = filters,
            MaxConcurrent = 7,
            MaxPerSecond = 9,
            Timeout = TimeSpan.FromMilliseconds(1_500),
            ContentType = WebhookContentType.Json,
            Headers = WebhookHeaders.None.Add("X-Tenant", "7"),
            Retry = WebhookRetry.Of([TimeSpan.FromSeconds(9)]),
            Enabled = false,
        };
        var created = await registry.PutAsync(definition, Precondition.None, Stop);
        await registry.RotateAsync("crm", new(TimeSpan.FromHours(1)), Precondition.None, Stop);

        var read = (await registry.ReadAsync("crm", Stop))!.Webhook;

        Assert.Empty(errors);
        Assert.Equal((WebhookEvents.Thin, 7, 9, TimeSpan.FromMilliseconds(1_500)), (read.Events, read.MaxConcurrent, read.MaxPerSecond, read.Timeout));
        Assert.Equal((WebhookContentType.Json, "7", "00:00:09"), (read.ContentType, read.Headers["x-tenant"], read.Retry.Text));
        Assert.Equal((false, WebhookDisabledReason.Operator, _scenario.Time.GetUtcNow()), (read.Enabled, read.DisabledReason, read.DisabledAt));
        Assert.Equal((created.NewSecret!.Text, _scenario.Time.GetUtcNow().AddHours(1)), (read.Secrets.Previous!.Text, read.Secrets.PreviousUntil));
        Assert.Equal(WebhookVerdict.Unchanged, (await registry.PutAsync(definition, Precondition.None, Stop)).Verdict);
    }

    [Fact]
    public async Task A_change_asks_for_the_state_that_it_means()
    {
        var (registry, _) = _scenario.Start();
        var first = (await registry.PutAsync(Definition(), Precondition.None, Stop)).Webhook!;
        var other = Definition(url: "https://other.example.com/");

        Assert.Equal(WebhookVerdict.PreconditionRequired, (await registry.PutAsync(other, Precondition.None, Stop)).Verdict);
        var second = await registry.PutAsync(other, new Precondition { IfMatch = [first.ETag] }, Stop);
        var late = await registry.PutAsync(Definition(url: "https://late.example.com/"), new Precondition { IfMatch = [first.ETag] }, Stop);

        Assert.Equal((WebhookVerdict.Changed, null), (second.Verdict, second.NewSecret));
        Assert.Equal((WebhookVerdict.PreconditionFailed, second.Webhook!.ETag), (late.Verdict, late.Webhook!.ETag));
        Assert.Equal(WebhookVerdict.Unchanged, (await registry.PutAsync(other, new Precondition { IfMatch = [first.ETag] }, Stop)).Verdict);
        Assert.Equal(WebhookVerdict.AlreadyExists, (await registry.PutAsync(other, new Precondition { IfNoneMatch = ["*"] }, Stop)).Verdict);
        Assert.Equal(WebhookVerdict.PreconditionFailed, (await registry.RotateAsync("crm", new(TimeSpan.Zero), new Precondition { IfMatch = [first.ETag] }, Stop)).Verdict);
        Assert.Equal(WebhookVerdict.PreconditionFailed, (await registry.DeleteAsync("crm", new Precondition { IfMatch = [first.ETag] }, Stop)).Verdict);
        Assert.Equal(WebhookVerdict.Deleted, (await registry.DeleteAsync("crm", new Precondition { IfMatch = [second.Webhook.ETag] }, Stop)).Verdict);
        Assert.Equal(WebhookVerdict.NotFound, (await registry.DeleteAsync("crm", Precondition.None, Stop)).Verdict);

        // What comes after a deletion is another webhook, however alike.
        var again = await registry.PutAsync(Definition(), Precondition.None, Stop);
        Assert.Equal(WebhookVerdict.Created, again.Verdict);
        Assert.NotEqual(first.ETag, again.Webhook!.ETag);
        Assert.NotEqual(first.Webhook.Secrets.Current.Text, again.NewSecret!.Text);
    }

    [Fact]
    public async Task Of_two_who_create_the_same_webhook_one_is_given_its_secret()
    {
        var ((here, _), (there, _)) = (_scenario.Start(), _scenario.Start());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? here : there).PutAsync(Definition(), Precondition.None, Stop))));

        var secret = Assert.Single(outcomes, outcome => outcome.Verdict == WebhookVerdict.Created).NewSecret!.Text;
        Assert.All(outcomes.Where(outcome => outcome.NewSecret is null), outcome => Assert.Equal(WebhookVerdict.Unchanged, outcome.Verdict));
        Assert.Equal(secret, (await here.ReadAsync("crm", Stop))!.Webhook.Secrets.Current.Text);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_still_tells_the_secret()
    {
        // The store's client sends a write again whose answer it did not see: it finds that somebody was first.
        var (registry, _) = _scenario.Start(new DoubledDocuments(_scenario.Store));

        var created = await registry.PutAsync(Definition(), Precondition.None, Stop);
        var rotated = await registry.RotateAsync("crm", new(TimeSpan.FromHours(1)), Precondition.None, Stop);
        var stored = (await registry.ReadAsync("crm", Stop))!.Webhook.Secrets;

        Assert.Equal((WebhookVerdict.Created, WebhookVerdict.Changed), (created.Verdict, rotated.Verdict));
        Assert.Equal((rotated.NewSecret!.Text, created.NewSecret!.Text), (stored.Current.Text, stored.Previous!.Text));
        Assert.Equal(WebhookVerdict.Deleted, (await registry.DeleteAsync("crm", Any, Stop)).Verdict);
        Assert.Empty(await registry.AllAsync(Stop));
    }

    [Fact]
    public async Task Two_secrets_hold_for_a_while_and_never_three()
    {
        var (registry, _) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);
        var first = await registry.RotateAsync("crm", new(WebhookRegistry.DefaultOverlap), Precondition.None, Stop);
        _scenario.Time.Advance(WebhookRegistry.DefaultOverlap - TimeSpan.FromSeconds(1));

        var early = await registry.RotateAsync("crm", new(WebhookRegistry.DefaultOverlap), Precondition.None, Stop);
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await registry.RotateAsync("crm", new(WebhookRegistry.DefaultOverlap), Precondition.None, Stop);
        var ended = await registry.EndPreviousSecretAsync("crm", Precondition.None, Stop);
        var endedAgain = await registry.EndPreviousSecretAsync("crm", Precondition.None, Stop);
        var atOnce = await registry.RotateAsync("crm", new(TimeSpan.Zero), Precondition.None, Stop);

        Assert.Equal((WebhookVerdict.StillRotating, null), (early.Verdict, early.NewSecret));
        Assert.Equal((WebhookVerdict.Changed, first.NewSecret!.Text), (second.Verdict, second.Webhook!.Webhook.Secrets.Previous!.Text));
        Assert.Equal((WebhookVerdict.Changed, WebhookVerdict.Unchanged), (ended.Verdict, endedAgain.Verdict));
        Assert.Equal((WebhookVerdict.Changed, null), (atOnce.Verdict, atOnce.Webhook!.Webhook.Secrets.Previous));
        Assert.Equal(WebhookVerdict.NotFound, (await registry.RotateAsync("erp", new(TimeSpan.Zero), Precondition.None, Stop)).Verdict);
    }

    [Fact]
    public async Task A_customers_own_secret_is_used_and_another_one_is_a_rotation()
    {
        var (registry, _) = _scenario.Start();
        var (mine, other) = (Definition() with { Secret = WebhookSecret.Create() }, Definition() with { Secret = WebhookSecret.Create() });

        var created = await registry.PutAsync(mine, Precondition.None, Stop);
        var same = await registry.PutAsync(mine, Precondition.None, Stop);
        var without = await registry.PutAsync(Definition(), Precondition.None, Stop);
        var changed = await registry.PutAsync(other, new Precondition { IfMatch = ["*"] }, Stop);
        var early = await registry.PutAsync(mine, new Precondition { IfMatch = ["*"] }, Stop);

        Assert.Equal(
            [WebhookVerdict.Created, WebhookVerdict.Unchanged, WebhookVerdict.Unchanged, WebhookVerdict.Changed, WebhookVerdict.StillRotating],
            [created.Verdict, same.Verdict, without.Verdict, changed.Verdict, early.Verdict]);
        var secrets = changed.Webhook!.Webhook.Secrets;
        Assert.Equal((other.Secret.Text, mine.Secret.Text), (secrets.Current.Text, secrets.Previous!.Text));
        Assert.Equal(_scenario.Time.GetUtcNow() + WebhookRegistry.DefaultOverlap, secrets.PreviousUntil);
    }

    [Fact]
    public async Task The_first_reason_for_disabling_stays_until_somebody_enables()
    {
        var (registry, _) = _scenario.Start();
        await registry.PutAsync(Definition(), Precondition.None, Stop);

        var gone = await registry.DisableAsync("crm", WebhookDisabledReason.Gone, Stop);
        var failing = await registry.DisableAsync("crm", WebhookDisabledReason.Failing, Stop);
        var moved = await registry.PutAsync(Definition(url: "https://new.example.com/"), Any, Stop);
        var kept = await registry.PutAsync(Definition(url: "https://new.example.com/") with { Enabled = false }, Any, Stop);

        Assert.Equal((WebhookVerdict.Changed, WebhookVerdict.Unchanged), (gone.Verdict, failing.Verdict));
        Assert.All([failing, moved, kept], outcome => Assert.Equal(WebhookDisabledReason.Gone, outcome.Webhook!.Webhook.DisabledReason));
        Assert.True((await registry.EnableAsync("crm", Precondition.None, Stop)).Webhook!.Webhook.Enabled);
        Assert.Equal(WebhookVerdict.Unchanged, (await registry.EnableAsync("crm", Precondition.None, Stop)).Verdict);
        Assert.Equal(WebhookDisabledReason.Operator, (await registry.PutAsync(Definition() with { Enabled = false }, Any, Stop)).Webhook!.Webhook.DisabledReason);
        Assert.True((await registry.PutAsync(Definition() with { Enabled = true }, Any, Stop)).Webhook!.Webhook.Enabled);
        Assert.Equal(WebhookVerdict.NotFound, (await registry.DisableAsync("erp", WebhookDisabledReason.Gone, Stop)).Verdict);
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_keeps_the_other_webhooks_from_nothing()
    {
        var (registry, _) = _scenario.Start();
        await _scenario.Store.UpsertAsync(
            DocumentContainer.Webhooks, new Document("broken", "webhook", Encoding.UTF8.GetBytes("""{"status":"webhook","stamp":"1","url":"no"}""")), Stop);
        await _scenario.Store.UpsertAsync(DocumentContainer.Webhooks, new Document("crm", "endpoint", "{}"u8.ToArray()), Stop);
        foreach (var name in Enumerable.Range(0, 250).Select(i => $"w{i:d3}"))
        {
            await _scenario.Store.UpsertAsync(DocumentContainer.Webhooks, Written(name), Stop);
        }

        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"w{i:d3}"), await NamesAsync(registry));

        static Document Written(string name) => WebhookDocuments.Write(new RegisteredWebhook(
            new Webhook { Name = name, Url = new Uri("https://crm.example.com/"), Secrets = new WebhookSecrets(WebhookSecret.Create()) }, "1"));
    }
}
