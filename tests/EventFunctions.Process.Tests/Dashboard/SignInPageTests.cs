using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class SignInPageTests(Browser browser)
{
    [Fact]
    public async Task The_link_signs_in_for_every_view_until_the_reader_signs_out()
    {
        var axe = await Axe.LoadAsync(TestContext.Current.CancellationToken);
        await using var opened = await browser.OpenAsync(new() { BypassCSP = true, ViewportSize = new() { Width = 1280, Height = 900 } });
        await using var service = await DashboardService.StartAsync("http://0.0.0.0:0", ("Keys:Host", "the-key-of-the-tests"));
        var page = opened.Page;
        await page.GotoAsync(service.CreateLink().AbsoluteUri);
        await opened.SeesAsync("No events yet");
        Assert.DoesNotContain("token", page.Url, StringComparison.Ordinal);

        foreach (var (view, text) in new[] { ("producers", "expected every"), ("failures", "No failures"), ("webhooks", "No webhooks"), ("events", "Nothing matches") })
        {
            await opened.GoAsync(service.Host.Address, view);
            await opened.SeesAsync(text);
        }

        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Signed in" }).ClickAsync();
        await opened.SeesAsync("This browser administers this host");
        await axe.FindsNothingAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await opened.SeesAsync("A function key is needed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keys", Exact = true }).WaitForAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length + document.cookie.length"));
    }

    [Fact]
    public async Task A_link_that_was_used_says_so_and_a_session_that_ended_says_how_to_begin_another()
    {
        var axe = await Axe.LoadAsync(TestContext.Current.CancellationToken);
        await using var opened = await browser.OpenAsync();
        await using var other = await browser.OpenAsync(new() { BypassCSP = true });
        await using var service = await DashboardService.StartAsync();
        var link = service.CreateLink().AbsoluteUri;
        await opened.Page.GotoAsync(link);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Signed in" }).WaitForAsync();

        await other.Page.GotoAsync(link);
        await other.SeesAsync("The link was already used");
        await axe.FindsNothingAsync(other.Page);
        await other.GoAsync(service.Host.Address, "events");
        await other.SeesAsync("Nothing matches");
        await Assertions.Expect(other.Page.Locator("#notice p")).ToHaveCountAsync(0);

        // The same browser needs it no more.
        await opened.Page.GotoAsync("about:blank");
        await opened.Page.GotoAsync(link);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Signed in" }).WaitForAsync();
        await Assertions.Expect(opened.Page.Locator("#notice p")).ToHaveCountAsync(0);

        await opened.GoAsync(service.Host.Address, "producers");
        await opened.SeesAsync("expected every");
        service.CreateLink();
        await opened.Page.Context.ClearCookiesAsync();
        await opened.SeesAsync("You are signed out");
        await opened.Page.GotoAsync(service.CreateLink().AbsoluteUri);
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Signed in" }).WaitForAsync();
    }
}
