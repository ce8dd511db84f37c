using System.Text.RegularExpressions;
using EventFunctions.Tests.EndToEnd;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class DashboardTests(Browser browser)
{
    [Fact]
    public async Task The_overview_shows_events_as_they_occur()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("No events yet");

        await service.SendAsync("first");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "first" }).First.WaitForAsync();
        await service.SendAsync("gone-2", "failed");
        await opened.Page.Locator(".rows .status.failed").WaitForAsync();

        await opened.SeesAsync("Of the newest 2");
        await opened.SeesAsync("Healthy");
        await opened.SeesAsync("From arrival to completion");
        Assert.Equal("thing.changed 2", (await opened.Page.Locator(".bars li").InnerTextAsync()).ReplaceLineEndings(" "));
        await Assertions.Expect(opened.Page.Locator(".rows > li")).ToHaveCountAsync(2);
        Assert.Equal(
            ["bar completed", "bar failed"],
            (await opened.Page.Locator(".bars li svg rect").EvaluateAllAsync<string[]>("all => all.map(one => one.getAttribute('class'))")).Order());
    }

    [Fact]
    public async Task The_overview_tells_for_how_long_events_have_been_waiting()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        var gate = new TaskCompletionSource();
        service.Producer.Gate = gate.Task;
        using var posted = await service.PostAsync(Service.Event("waits"));
        Assert.True(posted.IsSuccessStatusCode);

        await opened.GoAsync(service.Host.Address);

        await opened.Page.GetByText(new Regex("on their way, for [0-9.]+ m?s$")).WaitForAsync();
        gate.SetResult();
    }

    [Fact]
    public async Task An_address_of_no_page_is_said_above_the_overview()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.GoAsync(service.Host.Address, "nonsense");

        await opened.SeesAsync("There is no such page");
        await opened.SeesAsync("No events yet");
    }

    [Fact]
    public async Task What_changes_is_told_by_the_stream_and_not_asked_for()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("No events yet");
        await opened.SeesAsync("Live");
        await opened.Page.RouteAsync("**/api/events?*", _ => Task.CompletedTask);

        await service.SendAsync("told");

        await opened.Page.Locator(".rows > li", new() { HasText = "told" }).Locator(".status.completed").WaitForAsync();
        Assert.Contains(opened.Urls, url => url.EndsWith("/api/stream?data=false", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_leaves_the_status_that_is_looked_for_leaves_the_list()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        service.Producer.Status = StatusCodes.Status410Gone;
        await service.SendAsync("back", "failed");
        await opened.GoAsync(service.Host.Address, "events?status=failed");
        await opened.SeesAsync("dataNotFound");
        await opened.SeesAsync("Live");
        await opened.Page.RouteAsync("**/api/events?*", _ => Task.CompletedTask);

        service.Client.DefaultRequestHeaders.Add("x-admin-key", DashboardService.Key);
        service.Producer.Status = StatusCodes.Status200OK;
        using var replayed = await service.Client.PostAsync($"/api/events/back/replay?source={Uri.EscapeDataString(Service.Source)}", null, TestContext.Current.CancellationToken);
        Assert.True(replayed.IsSuccessStatusCode);

        await opened.SeesAsync("Nothing matches");
    }

    [Fact]
    public async Task Without_a_place_for_one_more_stream_the_page_asks_again_and_again()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync(settings: ("Stream:MaxOpen", "1"));
        using var other = await service.Client.GetAsync("/api/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("As of");

        await service.SendAsync("asked");

        await opened.SeesAsync("asked");
    }

    [Fact]
    public async Task A_stream_that_ends_is_opened_again()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync(settings: ("Stream:MaxDuration", "00:00:01"));
        await opened.GoAsync(service.Host.Address);

        await Poll.UntilAsync(() => opened.Urls.Count(url => url.Contains("/api/stream", StringComparison.Ordinal)) > 2, () => "It is not opened again.");
        await service.SendAsync("later");

        await opened.SeesAsync("later");
    }

    [Fact]
    public async Task Events_are_found_by_ID_and_by_what_they_are()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        using var odd = await service.PostAsync(Service.Event("one/1"));
        await service.SendAsync("two");
        await service.SendAsync("gone-3", "failed");
        await opened.GoAsync(service.Host.Address, "events");
        await opened.SeesAsync("gone-3");

        await opened.Page.GetByLabel("Status").SelectOptionAsync("failed");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await opened.Page.WaitForURLAsync("**status=failed");
        await opened.Page.Locator(".rows > li").First.WaitForAsync();
        await Assertions.Expect(opened.Page.Locator(".rows > li")).ToHaveCountAsync(1);

        await opened.Page.GetByLabel("Status").SelectOptionAsync("");
        await opened.Page.GetByLabel("Subject").FillAsync("nobody");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.SeesAsync("Nothing matches");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "Show all events" }).ClickAsync();
        await opened.SeesAsync("gone-3");

        await opened.Page.GetByLabel("ID").FillAsync("one/1");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Event one/1" }).WaitForAsync();
        await opened.SeesAsync("Timeline");
    }

    [Fact]
    public async Task An_event_of_any_producer_is_found_by_its_ID()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await service.SendAsync("hidden");
        await opened.GoAsync(service.Host.Address, "events?type=another");
        await opened.SeesAsync("Nothing matches");
        await opened.Page.GetByLabel("ID").FillAsync("hidden");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.SeesAsync("Name its source, or enter the administration key.");

        await opened.Page.EvaluateAsync($"sessionStorage.setItem('admin-key', '{DashboardService.Key}')");
        await opened.Page.GetByLabel("ID").FillAsync("unknown");
        await opened.Page.Keyboard.PressAsync("Enter");
        await opened.SeesAsync("There is no event with this ID at any producer.");
        await opened.Page.GetByLabel("ID").FillAsync("hidden");
        await opened.Page.Keyboard.PressAsync("Enter");

        await opened.Page.GetByRole(AriaRole.Heading, new() { Name = "Event hidden" }).WaitForAsync();
    }

    [Fact]
    public async Task An_event_shows_its_way_and_its_data_to_the_last_digit()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await service.SendAsync("thing", data: """{"amount":0.1000000000000000055511151231257827}""");
        await opened.GoAsync(service.Host.Address, DashboardService.View("event", "thing"));

        await opened.SeesAsync("0.1000000000000000055511151231257827");
        await opened.Page.GetByRole(AriaRole.Img, new() { Name = "recorded, delivered, fetched, completed" }).WaitForAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Show the full data" }).ClickAsync();
        await opened.SeesAsync("512.400000000000000000000000000001");
        await opened.Page.GetByText("All 4 steps in words").ClickAsync();
        await Assertions.Expect(opened.Page.Locator("tbody tr")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task A_group_of_failures_is_replayed_and_dismissed()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await service.SendAsync("gone-4", "failed");
        await opened.GiveAdminKeyAsync(DashboardService.Key);
        opened.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await opened.GoAsync(service.Host.Address, "failures");

        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Replay all" }).ClickAsync();
        await opened.SeesAsync("Replay: completed, 1 of 1 begun.");
        await opened.SeesAsync("1, 1 of them after a replay");
        Assert.Contains("replayed", Service.Steps(await service.ReadAsync("gone-4")));

        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Dismiss all" }).ClickAsync();
        await opened.SeesAsync("No failures");
        Assert.True((await service.ReadAsync("gone-4")).GetProperty("dismissed").GetBoolean());
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "Show what was dismissed" }).ClickAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Restore all" }).WaitForAsync();
    }

    [Fact]
    public async Task One_failure_is_dismissed_brought_back_and_replayed_once_its_producer_has_the_data()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        service.Producer.Status = 404;
        await service.SendAsync("late", "failed");
        await opened.GoAsync(service.Host.Address, DashboardService.View("event", "late"));
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Dismiss" }).ClickAsync();
        await opened.SeesAsync("Only administrators may do this");

        await opened.EnterKeyAsync("Administration key", DashboardService.Key);
        foreach (var (button, status) in new[] { ("Dismiss", "dismissed"), ("Restore", "restored") })
        {
            await opened.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await opened.Page.GetByRole(AriaRole.Img, new() { Name = status }).WaitForAsync();
        }

        service.Producer.Status = 200;
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await opened.Page.Locator(".facts .status.completed").WaitForAsync();
    }

    [Fact]
    public async Task An_entity_has_a_history_and_what_changed_in_it()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        foreach (var id in new[] { "v1", "v2" })
        {
            using var posted = await service.PostAsync(Service.Structured(
                $$"""{"specversion":"1.0","id":"{{id}}","source":"{{Service.Source}}","type":"thing.changed","subject":"thing/7","time":"2026-01-0{{id[1]}}T00:00:00Z"}"""));
            await service.ReachesAsync(id, "completed");
        }

        await opened.Page.RouteAsync("**/api/events/v*/data?*", route => route.FulfillAsync(new()
        {
            Body = route.Request.Url.Contains("/v1/", StringComparison.Ordinal) ? """{"premium":1.10,"old":true}""" : """{"premium":1.20,"new":[1]}""",
        }));
        await opened.GoAsync(service.Host.Address, "entities");
        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "thing/7" }).ClickAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "What changed with v2" }).ClickAsync();

        await opened.Page.GetByRole(AriaRole.Heading, new() { Name = "What changed with v2" }).WaitForAsync();
        Assert.Equal(
            ["/premium 1.10 1.20", "/old true –", "/new/0 – 1"],
            (await opened.Page.Locator("tbody tr").AllInnerTextsAsync()).Select(row => row.Replace('\t', ' ')));
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_said_and_the_page_recovers()
    {
        await using var opened = await browser.OpenAsync();
        await using var service = await DashboardService.StartAsync();
        await opened.Page.RouteAsync("**/api/events?*", route => route.AbortAsync());
        await opened.GoAsync(service.Host.Address);
        await opened.SeesAsync("The service cannot be reached.");

        await opened.Page.UnrouteAllAsync();
        await opened.SeesAsync("No events yet");

        await Assertions.Expect(opened.Page.Locator("#problem p")).ToHaveCountAsync(0);
    }
}
