using EventFunctions.Tests.EndToEnd;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class DashboardAdministrationTests(Browser browser)
{
    [Fact]
    public async Task A_webhook_shows_what_became_of_its_deliveries_and_sends_them_again()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync(settings: ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"));
        await using var customer = await WebhookCustomer.StartAsync();
        customer.Answer = (_, number, _) => Task.FromResult(number == 1 ? 500 : 204);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", DashboardService.Key);
        await customer.RegisterAsync(service.Client, "billing", cancellationToken: TestContext.Current.CancellationToken);
        await service.SendAsync("told");
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        await opened.GoAsync(service.Host.Address, "webhooks");

        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "billing" }).ClickAsync();
        await opened.Page.GetByText("1 attempt").ClickAsync();
        await opened.Page.GetByRole(AriaRole.Cell, new() { Name = "500" }).WaitForAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Resend told" }).ClickAsync();
        await opened.Page.Locator(".deliveries .status", new() { HasText = "Delivered" }).WaitForAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Send a test event" }).ClickAsync();
        await opened.SeesAsync("The test event was taken: 204");

        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "told" }).ClickAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Show the deliveries" }).ClickAsync();
        await opened.Page.Locator("#view li .status.completed").WaitForAsync();
        Assert.Single(customer.All.Where(posted => posted.EventId == "told:enriched").Select(posted => posted.Id).Distinct());
    }

    [Fact]
    public async Task A_webhook_is_sent_what_failed_and_what_it_missed_since_a_time_that_is_chosen()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync(settings: ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"));
        await using var customer = await WebhookCustomer.StartAsync();
        service.Client.DefaultRequestHeaders.Add("x-admin-key", DashboardService.Key);
        await service.SendAsync("missed");
        await customer.RegisterAsync(service.Client, "billing", cancellationToken: TestContext.Current.CancellationToken);
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        opened.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await opened.GoAsync(service.Host.Address, "webhook?name=billing");

        await opened.Page.GetByLabel("Since").FillAsync("2020-01-01T00:00");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Replay what was missed" }).ClickAsync();
        await opened.SeesAsync("events a second at most");
        await opened.Page.Locator(".deliveries .status", new() { HasText = "Delivered" }).WaitForAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Resend failed" }).ClickAsync();
        await opened.SeesAsync("0 sent again.");

        Assert.Equal("missed:enriched", Assert.Single(customer.All).EventId);
    }

    [Fact]
    public async Task Producers_are_shown_to_who_gives_the_administration_key()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.GoAsync(service.Host.Address, "producers");
        await opened.SeesAsync("Only administrators may see this");

        await opened.EnterKeyAsync("Administration key", DashboardService.Key);

        await opened.Page.GetByRole(AriaRole.Heading, new() { Name = "stub" }).WaitForAsync();
        await opened.SeesAsync("expected every 01:00:00");
    }

    [Fact]
    public async Task A_producer_shows_its_newest_event_and_what_is_missing()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await service.SendAsync("newest-of-stub");
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        await opened.GoAsync(service.Host.Address, "producers");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "newest-of-stub" }).WaitForAsync();
        await opened.Page.RouteAsync("**/api/producers/stub/state", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"expectations":[{"type":"thing.changed","missing":[{"subject":"thing/7","expectedBy":"2026-01-01T00:00:00.000Z"}],"whole":true}]}""",
        }));

        await opened.Page.ReloadAsync();

        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "thing/7" }).WaitForAsync();
        await Assertions.Expect(opened.Page.Locator(".missing .status.failed")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_failing_webhook_is_seen_and_its_secret_can_be_changed()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync(settings: ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"));
        await using var customer = await WebhookCustomer.StartAsync();
        customer.Answer = (_, _, _) => Task.FromResult(500);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", DashboardService.Key);
        await customer.RegisterAsync(service.Client, "billing", cancellationToken: TestContext.Current.CancellationToken);
        await service.SendAsync("refused");
        await Poll.UntilAsync(() => customer.All.Count > 0, () => "Nothing is delivered.");
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        opened.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await opened.GoAsync(service.Host.Address, "webhook?name=billing");

        await opened.SeesAsync("Failing");
        await opened.SeesAsync("Will be disabled at");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Rotate the secret" }).ClickAsync();
        await opened.SeesAsync("whsec_");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "End the old secret" }).ClickAsync();
        await opened.SeesAsync("Only the new secret signs from now on.");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Rotate the secret" }).WaitForAsync();
    }

    [Fact]
    public async Task A_producer_gets_keys_that_are_shown_once_rotated_and_revoked()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        opened.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        var page = opened.Page;
        await opened.GoAsync(service.Host.Address, "producers");
        await page.GetByRole(AriaRole.Link, new() { Name = "stub", Exact = true }).ClickAsync();
        await opened.SeesAsync("No keys");

        await page.GetByLabel("What it is for").FillAsync("nightly job");
        await page.GetByLabel("Ends on").FillAsync("2099-01-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the key" }).WaitForAsync();
        Assert.Matches("^efp_stub_[0-9a-f]{12}_[0-9a-f]{64}$", await page.Locator(".said code").InnerTextAsync());
        await opened.SeesAsync("accepted only with one of its keys");

        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate efp_stub_" }).ClickAsync();
        await opened.SeesAsync("Replaced by");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke efp_stub_" }).Last.ClickAsync();
        await opened.SeesAsync("The key is revoked.");
        await page.Locator(".status.failed", new() { HasText = "Revoked" }).WaitForAsync();
        await page.ReloadAsync();
        await page.Locator(".cards > li").First.WaitForAsync();
        await Assertions.Expect(page.Locator(".said code")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove all keys" }).ClickAsync();
        await opened.SeesAsync("No keys");
    }

    [Fact]
    public async Task A_key_is_asked_for_where_one_is_needed_and_stands_in_no_address()
    {
        const string key = "the-function-key-of-the-tests";
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync("http://0.0.0.0:0", ("Keys:Host", key));
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("A function key is needed");
        await opened.EnterKeyAsync("Function key", "wörong");
        await opened.SeesAsync("letters, digits and signs of ASCII only");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await opened.EnterKeyAsync("Function key", key);
        await opened.SeesAsync("No events yet");

        Assert.DoesNotContain(opened.Urls, url => url.Contains(key, StringComparison.Ordinal));
        Assert.Equal(0, await opened.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
    }
}
