using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Dashboard;

/// <summary>The whole service with some events to look at.</summary>
internal static class DashboardService
{
    public const string Key = "an administration key of the tests";

    public static Task<Service> StartAsync(string urls = "http://127.0.0.1:0", params (string Name, string Value)[] settings) => Service.StartAsync(
        urls: urls,
        settings: [("Administration:Key", Key), ("Producers:stub:Types:thing.changed:ExpectEvery", "01:00:00"), .. settings]);

    public static async Task SendAsync(this Service service, string id, string reaches = "completed", string? data = null)
    {
        using var posted = await service.PostAsync(Service.Event(id, data));
        Assert.True(posted.IsSuccessStatusCode);
        await service.ReachesAsync(id, reaches);
    }

    public static string View(string view, string id) => $"{view}?{(view == "event" ? "id" : "subject")}={Uri.EscapeDataString(id)}&source={Uri.EscapeDataString(Service.Source)}";
}
