using System.Text.RegularExpressions;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

/// <summary>Takes the pictures of the documentation when it is told where to put them.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class PictureTests(Browser browser)
{
    private const string Variable = "DASHBOARD_PICTURES";
    private const string Source = "/insurance/policies";

    [Fact]
    public async Task The_pictures_of_the_documentation_are_taken_from_the_service_as_it_is()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{Variable} names no folder for them.");
        await using var service = await DashboardService.StartAsync(settings:
        [
            ("Producers:stub:Source", Source), ("Producers:stub:Name", "policies"),
            ("Producers:stub:Types:policy.renewed:ExpectEvery", "01:00:00"), ("Producers:stub:Types:policy.cancelled:Entity:0", "/policy"),
            ("Producers:stub:Types:policy.changed:Entity:0", "/policy"),
        ]);
        for (var i = 1; i <= 160; i++)
        {
            service.Producer.Gate = i % 7 == 0 ? Task.Delay(i * 4, TestContext.Current.CancellationToken) : Task.CompletedTask;
            var type = i % 9 == 0 ? "policy.cancelled" : i % 3 == 0 ? "policy.changed" : "policy.renewed";
            var subject = i % 23 == 0 ? $"{StubProducer.Gone}policy-{i}" : $"policy-{i % 40}";
            using var posted = await service.PostAsync(Service.Structured(
                $$$"""{"specversion":"1.0","id":"renewal-{{{i}}}","source":"{{{Source}}}","type":"{{{type}}}","subject":"{{{subject}}}","data":{"policy":"{{{subject}}}","premium":{{{i}}}.50,"term":"P1Y"}}"""));
            await Task.Delay(i % 40 < 12 ? 15 : 60, TestContext.Current.CancellationToken);
        }

        await TakeAsync("overview", "", ColorScheme.Light, 1280, 900);
        await TakeAsync("event", $"event?id=renewal-147&source={Uri.EscapeDataString(Source)}", ColorScheme.Dark, 1280, 900);
        await TakeAsync("phone", "failures", ColorScheme.Light, 390, 844);

        async Task TakeAsync(string name, string view, ColorScheme scheme, int width, int height)
        {
            await using var opened = await browser.OpenAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
            await opened.GiveAdminKeyAsync(DashboardService.Key);
            await opened.GoAsync(service.Host.Address, view);
            await opened.Page.Locator("#freshness", new() { HasTextRegex = Loaded() }).WaitForAsync();
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{name}: first paint after {await opened.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime")} ms");
            await opened.Page.ScreenshotAsync(new() { Path = Path.Combine(folder!, name + ".png") });
            Assert.True(new FileInfo(Path.Combine(folder!, name + ".png")).Length > 0);
        }
    }

    [GeneratedRegex("^(As of|Live)")]
    private static partial Regex Loaded();
}
