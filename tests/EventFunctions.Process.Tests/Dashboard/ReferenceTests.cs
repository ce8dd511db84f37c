using System.Text.RegularExpressions;
using EventFunctions.Tests.Contract;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class ReferenceTests(Browser browser)
{
    [Fact]
    public async Task Every_call_of_the_contract_can_be_read_to_its_last_schema()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await GoAsync(opened.Page, service);

        Assert.Equal(
            ContractCall.All.Select(call => "call-" + call.Id).Order(StringComparer.Ordinal),
            (await opened.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.call')].map(call => call.id)")).Order(StringComparer.Ordinal));
        for (var depth = 0; depth < 4; depth++)
        {
            await opened.Page.EvaluateAsync("async () => { for (const one of document.querySelectorAll('details:not([open])')) one.open = true; await new Promise(requestAnimationFrame); await new Promise(resolve => setTimeout(resolve)); }");
        }

        var text = await opened.Page.Locator("main").InnerTextAsync();
        Assert.DoesNotContain("undefined", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[object", text, StringComparison.Ordinal);
        Assert.DoesNotContain("**", text, StringComparison.Ordinal);
        Assert.Contains("whsec_", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_found_by_words_and_by_its_address_and_comes_with_a_line_that_works()
    {
        await using var opened = await browser.OpenAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await using var service = await DashboardService.StartAsync();
        await GoAsync(opened.Page, service, "#/SendsNothing");

        await opened.Page.GetByRole(AriaRole.Searchbox).FillAsync("send events");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "POST Send events" }).ClickAsync();
        await opened.Page.WaitForURLAsync("**#/ReceiveEvents");
        await Assertions.Expect(opened.Page.Locator("#title-ReceiveEvents")).ToBeFocusedAsync();
        await Assertions.Expect(opened.Page.Locator("#call-GetHealth")).ToBeHiddenAsync();

        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the line for ReceiveEvents" }).ClickAsync();
        await opened.SeesAsync("Copied");
        var line = await opened.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith($"curl -X POST '{service.Host.Address}api/events'", line, StringComparison.Ordinal);
        Assert.Contains("-H 'Content-Type: application/cloudevents+json'", line, StringComparison.Ordinal);
        Assert.Matches(new Regex("-d '\\{\"specversion\":\"1.0\","), line);
    }

    [Fact]
    public async Task A_contract_that_does_not_come_is_said()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.Page.RouteAsync("**/api/openapi.json", route => route.FulfillAsync(new() { Status = 503 }));

        await opened.Page.GotoAsync(new Uri(service.Host.Address, "api/docs").AbsoluteUri);

        await opened.SeesAsync("The contract cannot be read now.");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Axe_finds_nothing_and_nothing_is_wider_than_the_screen(ColorScheme scheme, int width)
    {
        var axe = await Axe.LoadAsync(TestContext.Current.CancellationToken);
        await using var opened = await browser.OpenAsync(new() { ColorScheme = scheme, BypassCSP = true, ViewportSize = new() { Width = width, Height = 900 } });
        await using var service = await DashboardService.StartAsync();
        await GoAsync(opened.Page, service);
        await opened.Page.EvaluateAsync("document.querySelectorAll('#call-PutWebhook details, #call-ReceiveEvents details').forEach(one => { one.open = true; })");

        await axe.FindsNothingAsync(opened.Page);
    }

    private static async Task GoAsync(IPage page, Service service, string part = "")
    {
        await page.GotoAsync(new Uri(service.Host.Address, "api/docs" + part).AbsoluteUri);
        await page.GetByRole(AriaRole.Heading, new() { Name = "HTTP API", Level = 1 }).WaitForAsync();
    }
}
