using EventFunctions.Tests.EndToEnd;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class AccessibilityTests(Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Axe_finds_nothing_in_any_view(ColorScheme scheme, int width)
    {
        var axe = await Axe.LoadAsync(Cancellation);
        await using var opened = await browser.OpenAsync(new() { ColorScheme = scheme, BypassCSP = true, ViewportSize = new() { Width = width, Height = 900 } });
        await using var service = await DashboardService.StartAsync(settings: ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"));
        await using var customer = await WebhookCustomer.StartAsync();
        service.Client.DefaultRequestHeaders.Add("x-admin-key", DashboardService.Key);
        await customer.RegisterAsync(service.Client, "billing", cancellationToken: Cancellation);
        await opened.GoAsync(service.Host.Address, "entities");
        await CheckAsync("No entities");
        await opened.GoAsync(service.Host.Address, "failures");
        await CheckAsync("Only administrators may see this");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Enter keys" }).ClickAsync();
        await CheckAsync("Kept until this tab is closed");

        await service.SendAsync("done", data: """{"a":1}""");
        await service.SendAsync("gone-5", "failed");
        await Poll.UntilAsync(async () => (await service.Client.GetStringAsync("/api/entities", Cancellation)).Contains("gone-5", StringComparison.Ordinal), () => "entities");
        using var made = await service.Client.PostAsync("/api/producers/stub/keys", null, Cancellation);
        Assert.True(made.IsSuccessStatusCode);
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        await opened.Page.ReloadAsync();
        foreach (var (view, text) in new[]
        {
            ("", "Newest events"), ("events", "gone-5"), (DashboardService.View("event", "done"), "Timeline"), (DashboardService.View("event", "gone-5"), "Timeline"),
            ("failures", "dataNotFound"), ("entities", "done"), (DashboardService.View("entity", "done"), "History"), ("producers", "expected every"), ("producer?name=stub", "efp_stub_"),
            ("webhooks", "billing"), ("webhook?name=billing", "thing.changed.enriched"), ("changes", "PutWebhook"),
        })
        {
            await opened.GoAsync(service.Host.Address, view);
            await CheckAsync(text);
        }

        await opened.Page.GotoAsync(new Uri(service.Host.Address, "api/dashboard#token=wrong").AbsoluteUri);
        await CheckAsync("The link does not sign in");
        await opened.Page.GotoAsync(service.CreateLink().AbsoluteUri);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Signed in" }).ClickAsync();
        await CheckAsync("This browser administers this host");

        async Task CheckAsync(string text)
        {
            await opened.SeesAsync(text);
            await axe.FindsNothingAsync(opened.Page);
        }
    }

    [Fact]
    public async Task All_is_reached_by_the_keyboard_and_the_focus_stays_where_it_is_when_something_new_comes()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await service.SendAsync("stays");
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("stays");
        await opened.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to content", await FocusedAsync());
        await opened.Page.Keyboard.PressAsync("Enter");
        for (var i = 0; i < 20 && await FocusedAsync() != "stays"; i++)
        {
            await opened.Page.Keyboard.PressAsync("Tab");
        }

        await service.SendAsync("newer");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "newer" }).First.WaitForAsync();

        Assert.Equal("stays", await FocusedAsync());
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Event stays" }).WaitForAsync();

        Task<string> FocusedAsync() => opened.Page.EvaluateAsync<string>("document.activeElement.textContent");
    }
}
