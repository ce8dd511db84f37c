using EventFunctions.Http.Webhooks;
using EventFunctions.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Webhooks;

/// <summary>Posts with the real client.</summary>
internal static class Posting
{
    private static readonly string[] ThisMachine = ["127.0.0.0/8", "::1/128"];

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static IWebhookClient Client(params string[] allowed) => Client(new ConfigurationBuilder().Build(), TimeProvider.System, allowed);

    public static IWebhookClient Client(IConfiguration settings, TimeProvider time, params string[] allowed) => new ServiceCollection()
        .AddSingleton(settings)
        .AddSingleton(time)
        .AddSingleton<IOptions<WebhookClientOptions>>(new OptionsWrapper<WebhookClientOptions>(new() { AllowedNetworks = allowed }))
        .AddWebhookClient()
        .BuildServiceProvider()
        .GetRequiredService<IWebhookClient>();

    public static WebhookRequest Request(Uri url, TimeSpan? timeout = null) => new(
        url, "msg_1", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000), ["v1,b25l", "v1,dHdv"], """{"id":"é"}"""u8.ToArray(), TraceParent: null, timeout ?? Limit);

    public static Task<EndpointResponse> PostAsync(Uri url, TimeSpan? timeout = null) =>
        Client(ThisMachine).SendAsync(Request(url, timeout), TestContext.Current.CancellationToken);
}
