using Azure.Core;
using Azure.Identity;
using Azure.Storage.Queues;
using EventFunctions.Azure.Queues;
using EventFunctions.Storage;
using EventFunctions.Tests.Azurite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Queues;

public sealed class StorageMessageQueueTests(AzuriteAccount azurite) : MessageQueueConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_written_as_the_Functions_host_reads_it_and_never_expires()
    {
        await using var services = Services(new() { ["AzureWebJobsStorage"] = await azurite.ConnectToQueuesAsync() });
        var name = $"q{Guid.NewGuid():N}";
        await services.GetRequiredService<IMessageQueue>().SendAsync(name, "zażółć", TimeSpan.Zero, Stop);

        // The options that the host has without a messageEncoding in host.json.
        var host = new QueueClient(await azurite.ConnectToQueuesAsync(), name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        var message = (await host.ReceiveMessageAsync(cancellationToken: Stop)).Value;

        Assert.Equal("zażółć", message.MessageText);
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task What_somebody_else_sent_unencoded_is_taken_as_it_is()
    {
        var (_, receiver) = await OpenAsync();
        var name = $"q{Guid.NewGuid():N}";
        var other = new QueueClient(await azurite.ConnectToQueuesAsync(), name);
        await other.CreateAsync(cancellationToken: Stop);
        await other.SendMessageAsync("no base64!", Stop);

        Assert.Equal("no base64!", Assert.Single(await receiver.ClaimAsync(name, 1, TimeSpan.FromMinutes(1), Stop)).Text);
    }

    [Fact]
    public async Task A_key_that_the_account_refuses_is_told_with_what_to_do()
    {
        await using var services = Services(new() { ["AzureWebJobsStorage"] = await azurite.ConnectToQueuesAsync("d3Jvbmc=") });

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => services.GetRequiredService<IMessageQueue>().SendAsync("orders", "1", TimeSpan.Zero, Stop));

        Assert.Contains("Storage Queue Data Contributor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_an_identity_is_told_what_to_do()
    {
        var credential = Substitute.For<TokenCredential>();
        credential.GetTokenAsync(default, Stop).ReturnsForAnyArgs<AccessToken>(_ => throw new CredentialUnavailableException("none"));
        var queue = new StorageMessageQueue(
            new QueueServiceClient(new Uri("https://events.queue.core.windows.net/"), credential, new QueueClientOptions { Retry = { MaxRetries = 0 } }));

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.SendAsync("orders", "1", TimeSpan.Zero, Stop));

        Assert.Contains("AzureIdentity:ClientId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_cannot_be_reached_is_unavailable()
    {
        var queue = new StorageMessageQueue(new QueueServiceClient(
            "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a;", new QueueClientOptions { Retry = { MaxRetries = 0 } }));

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => queue.ClaimAsync("orders", 1, TimeSpan.FromMinutes(1), Stop));

        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, null, "AzureWebJobsStorage is missing")]
    [InlineData("nonsense", null, null, "AzureWebJobsStorage is not a connection string")]
    [InlineData(null, "http://events.queue.core.windows.net/", null, "does not give an https URL")]
    [InlineData(null, null, "no account", "does not give an https URL")]
    public void A_setting_that_makes_no_sense_stops_the_host_with_a_line_and_an_example(string? connection, string? uri, string? account, string message)
    {
        using var services = Services(new()
        {
            ["AzureWebJobsStorage"] = connection,
            ["AzureWebJobsStorage:queueServiceUri"] = uri,
            ["AzureWebJobsStorage:accountName"] = account,
        });

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<QueueStorageOptions>>().Value);

        Assert.Contains(message, Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.Contains("example: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accountName", "events", "https://events.queue.core.windows.net/")]
    [InlineData("queueServiceUri", "https://events.queue.core.chinacloudapi.cn", "https://events.queue.core.chinacloudapi.cn/")]
    public void An_account_is_named_as_for_the_Functions_host(string name, string value, string endpoint)
    {
        using var services = Services(new() { [$"AzureWebJobsStorage:{name}"] = value, ["AzureWebJobsStorage:credential"] = "managedidentity" });

        Assert.Equal(endpoint, services.GetRequiredService<IOptions<QueueStorageOptions>>().Value.Endpoint!.AbsoluteUri);
    }

    protected override async Task<(IMessageQueue Queue, IMessageReceiver Receiver)> OpenAsync()
    {
        var queue = new StorageMessageQueue(new QueueServiceClient(await azurite.ConnectToQueuesAsync()));
        return (queue, queue);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddMessageQueue(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider();
}
