using System.Net;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.EndToEnd;

public sealed class AccessTests
{
    private const string Key = "the-key-of-this-host";
    private const string Everywhere = "http://0.0.0.0:0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_others_can_reach_asks_for_its_key_and_does_the_whole_job()
    {
        await using var service = await Service.StartAsync(urls: Everywhere, settings: ("Keys:Host", Key));

        using var none = await service.PostAsync(Service.Event("none"));
        using var wrong = await PostAsync(service, "wrong", Key[..^1]);
        using var webhook = await service.Client.PostAsync("/runtime/webhooks/EventGrid?functionName=EnrichEvent", Service.Event("forged"), Cancellation);
        using var right = await PostAsync(service, "right", Key);
        using var list = await service.Client.GetAsync("/api/events", Cancellation);
        service.Client.DefaultRequestHeaders.Add("x-functions-key", Key);
        await service.ReachesAsync("right", "completed");

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Accepted, HttpStatusCode.Unauthorized],
            [none.StatusCode, wrong.StatusCode, webhook.StatusCode, right.StatusCode, list.StatusCode]);
        Assert.Equal(["right"], await service.ListAsync());
        Assert.Equal(StubProducer.DataOf("right"), await service.GetAsync("right", "/data"));
    }

    [Fact]
    public async Task A_host_that_others_can_reach_does_not_start_without_a_key()
    {
        using var folder = new TemporaryFolder();

        var refused = await Assert.ThrowsAsync<HostStartException>(() => LocalHost.StartAsync(
            new LocalHostOptions { Urls = Everywhere, DataDirectory = folder.Path, ContentRoot = folder.Path }, Cancellation));

        Assert.Contains("Keys:Host", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PostAsync(Service service, string id, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = Service.Event(id) };
        request.Headers.Add("x-functions-key", key);
        return await service.Client.SendAsync(request, Cancellation);
    }
}
