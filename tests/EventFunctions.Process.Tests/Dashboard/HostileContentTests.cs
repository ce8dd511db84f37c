using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

[Collection(BrowserTests.Name)]
public sealed class HostileContentTests(Browser browser)
{
    public static TheoryData<string> Contents =>
    [
        "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>",
        "javascript:window.broken=1",
        "\"><svg onload=window.broken=1> ' onclick='window.broken=1",
        "\u202Etxt.exe\u2066 \u05E9\u05DC\u05D5\u05DD \u0000\u0007",
        new string('W', 60_000),
        "__proto__",
        "constructor",
        "{{constructor.constructor('window.broken=1')()}}",
    ];

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Whatever_stands_in_any_field_is_text_and_stays_in_its_place(string hostile)
    {
        await using var opened = await browser.OpenAsync(new() { ViewportSize = new() { Width = 390, Height = 844 } });
        await using var service = await DashboardService.StartAsync();
        var page = opened.Page;
        await page.RouteAsync("**/api/**", route => route.Request.Url.Contains("/api/dashboard", StringComparison.Ordinal)
            ? route.ContinueAsync()
            : route.FulfillAsync(new() { ContentType = "application/json", Body = Answer(new Uri(route.Request.Url).AbsolutePath, hostile) }));
        // A string of its own, since an address that long would be refused before the page sees it.
        var address = Uri.EscapeDataString(hostile.Length > 1_000 ? hostile[..1_000] : hostile);
        foreach (var (view, heading) in new[]
        {
            ("", "Overview"), ("events?source=" + address, "Events"), ($"event?id={address}&source={address}", "Event "), ("failures", "Failures"),
            ("entities?source=" + address, "Entities"), ($"entity?source={address}&subject={address}", "Entity "), ("producers", "Producers"),
            ("producer?name=" + address, "Producer "),
            ("webhooks", "Webhooks"), ("webhook?name=" + address, "Webhook "), ("changes", "Changes"),
        })
        {
            await opened.GoAsync(service.Host.Address, view);
            await page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 }).WaitForAsync();
            await page.Locator("#view .rows, #view .facts, #view .cards, #view table").First.WaitForAsync();
            await Assertions.Expect(page.Locator("#problem p")).ToHaveCountAsync(0);
            if (heading == "Event ")
            {
                await page.GetByRole(AriaRole.Button, new() { Name = "Show the full data" }).ClickAsync();
                await page.GetByRole(AriaRole.Region, new() { Name = "The full data" }).WaitForAsync();
            }

            await Assertions.Expect(page.Locator("#view script, #view img, #view svg[onload], #view [onclick]")).ToHaveCountAsync(0);
            Assert.True(await page.EvaluateAsync<bool>("window.broken === undefined && ({}).broken === undefined"));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{view[..Math.Min(view.Length, 20)]} is wider than the screen.");
            Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('#view a')].every(a => a.getAttribute('href').startsWith('#/'))"));
        }
    }

    private static JsonObject State(string text) => new()
    {
        ["newest"] = Record(text),
        ["expectations"] = new JsonArray(new JsonObject
        {
            ["type"] = text,
            ["expectEvery"] = text,
            ["lastRecordedAt"] = text,
            ["missing"] = new JsonArray(new JsonObject { ["subject"] = text, ["expectedBy"] = text }),
            ["whole"] = false,
        }),
        ["feed"] = new JsonObject { ["readAt"] = text, ["error"] = text, ["retryAt"] = text },
        ["failingSince"] = text,
        ["disablesAt"] = text,
        ["leftAloneUntil"] = text,
    };

    private static JsonObject Webhook(string text) => new()
    {
        ["name"] = text,
        ["url"] = text,
        ["events"] = text,
        ["enabled"] = text.Length % 2 == 0,
        ["disabledReason"] = text,
        ["disabledAt"] = text,
        ["filters"] = new JsonArray(new JsonObject { ["key"] = text }),
        ["maxPerSecond"] = 1,
        ["maxConcurrent"] = 1,
    };

    private static string Answer(string path, string text) =>
        path.EndsWith("/data", StringComparison.Ordinal) ? JsonSerializer.Serialize(text)
        : path is "/api/health" ? """{"status":"unhealthy","dependencies":{"store":"unhealthy"}}"""
        : path is "/api/failures" ? Page(new JsonObject
        {
            ["producer"] = text,
            ["type"] = text,
            ["reason"] = text,
            ["count"] = 3,
            ["failedAgain"] = 1,
            ["first"] = text,
            ["last"] = text,
            ["samples"] = new JsonArray(new JsonObject { ["id"] = text, ["source"] = text }),
        })
        : path is "/api/webhooks" ? Page(Webhook(text))
        : path.EndsWith("/deliveries", StringComparison.Ordinal) ? Page(new JsonObject
        {
            ["id"] = text,
            ["webhook"] = text,
            ["status"] = text,
            ["reason"] = text,
            ["eventId"] = text,
            ["source"] = text,
            ["type"] = text,
            ["createdAt"] = text,
            ["nextAt"] = text,
            ["attempted"] = 1,
            ["attempts"] = new JsonArray(new JsonObject { ["at"] = text, ["durationMs"] = 1, ["status"] = 500, ["fault"] = text, ["answer"] = text }),
        })
        : path.EndsWith("/keys", StringComparison.Ordinal) ? Page(new JsonObject
        {
            ["id"] = text,
            ["prefix"] = text,
            ["state"] = text.Length % 2 == 0 ? "active" : text,
            ["label"] = text,
            ["createdAt"] = text,
            ["createdBy"] = text,
            ["expiresAt"] = text,
        })
        : path.EndsWith("/state", StringComparison.Ordinal) ? State(text).ToJsonString()
        : path.StartsWith("/api/webhooks/", StringComparison.Ordinal) ? Webhook(text).ToJsonString()
        : path is "/api/producers" ? Page(new JsonObject
        {
            ["name"] = text,
            ["source"] = text,
            ["data"] = new JsonObject { ["baseUrl"] = text, ["template"] = text },
            ["types"] = new JsonObject { [text] = new JsonObject { ["expectEvery"] = text } },
        })
        : path is "/api/changes" ? Page(new JsonObject
        {
            ["id"] = text,
            ["at"] = text,
            ["by"] = text,
            ["action"] = text,
            ["object"] = text,
            ["name"] = text,
            ["source"] = text,
            ["etagBefore"] = text,
            ["etagAfter"] = text,
            ["job"] = text,
            ["outcome"] = text,
        })
        : path is "/api/events" ? Page(Record(text))
        : path is "/api/entities" ? Page(Entity(text))
        : path.StartsWith("/api/entities/", StringComparison.Ordinal) ? path.EndsWith("/events", StringComparison.Ordinal) ? Page(Link(text), Link(text)) : Entity(text).ToJsonString()
        : Record(text).ToJsonString();

    private static string Page(params JsonNode[] items) => new JsonObject { ["items"] = new JsonArray(items), ["complete"] = true }.ToJsonString();

    private static JsonObject Record(string text) => new()
    {
        ["id"] = text,
        ["source"] = text,
        ["type"] = text,
        ["subject"] = text,
        ["time"] = text,
        ["datacontenttype"] = text,
        ["dataschema"] = text,
        ["dataref"] = text,
        ["traceparent"] = text,
        ["extensions"] = new JsonObject { [text] = text },
        ["data"] = new JsonObject { [text] = text },
        ["producer"] = text,
        ["status"] = text,
        ["run"] = 0,
        ["reason"] = text,
        ["recordedAt"] = "2026-01-01T00:00:00.000Z",
        ["timeline"] = new JsonArray(
            Entry("recorded", text), Entry(text, text), Entry("completed", text)),
    };

    private static JsonObject Entry(string what, string text) =>
        new() { ["at"] = "2026-01-01T00:00:01.000Z", ["what"] = what, ["run"] = 0, ["detail"] = text, ["traceId"] = text, ["count"] = 3 };

    private static JsonObject Entity(string text) => new()
    {
        ["source"] = text,
        ["subject"] = text,
        ["firstSeen"] = text,
        ["lastSeen"] = text,
        ["events"] = 2,
        ["types"] = new JsonObject { [text] = new JsonObject { ["count"] = 2 } },
        ["data"] = new JsonObject { ["id"] = text },
    };

    private static JsonObject Link(string text) => new() { ["id"] = text, ["type"] = text, ["time"] = text, ["recordedAt"] = text, ["href"] = text };
}
