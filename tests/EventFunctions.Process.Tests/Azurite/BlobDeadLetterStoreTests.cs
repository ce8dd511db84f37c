using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using EventFunctions.Azure.Blobs;
using EventFunctions.Composition;
using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Azurite;

public sealed class BlobDeadLetterStoreTests(AzuriteAccount azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/CRM/2026/8/8/5/1.json", "crm", "CRM/2026/8/8/5/1.json")]
    [InlineData("https://EVENTS.blob.core.windows.net:443/deadletters-enrichment/a%20b.json", "enrichment", "a b.json")]
    public void A_blob_in_a_dead_letter_container_of_the_account_is_located(string url, string subscription, string name) =>
        Assert.Equal(new DeadLetterBlob(subscription, name), StoreOf("https://events.blob.core.windows.net/").Locate(new Uri(url)));

    [Theory]
    [InlineData("https://others.blob.core.windows.net/deadletters-crm/1.json")]
    [InlineData("https://events.blob.core.windows.net.evil.example/deadletters-crm/1.json")]
    [InlineData("https://events.blob.core.windows.net@evil.example/deadletters-crm/1.json")]
    [InlineData("https://user@events.blob.core.windows.net/deadletters-crm/1.json")]
    [InlineData("http://events.blob.core.windows.net/deadletters-crm/1.json")]
    [InlineData("https://events.blob.core.windows.net:8443/deadletters-crm/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/1.json?sv=2026&sig=x")]
    [InlineData("https://events.blob.core.windows.net/app-package/deadletters-crm/1.json")]
    [InlineData("https://events.blob.core.windows.net/undelivered-deadletters/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/../app-package/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/%2e%2e/app-package/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/..%2fapp-package/1.json")]
    [InlineData("https://events.blob.core.windows.net/deadletters-crm/..%5capp-package/1.json")]
    [InlineData("file:///deadletters-crm/1.json")]
    public void A_URL_that_leads_anywhere_else_is_refused(string url) =>
        Assert.Null(StoreOf("https://events.blob.core.windows.net/").Locate(new Uri(url)));

    [Fact]
    public async Task What_is_in_the_account_is_read_and_what_is_gone_is_told()
    {
        var account = new BlobServiceClient(await azurite.ConnectAsync());
        var blob = await UploadAsync(account, "[1]");
        var store = new BlobDeadLetterStore(account);

        Assert.Equal(blob, store.Locate(UrlOf(account, blob)));
        using var content = new StreamReader((await store.OpenAsync(blob, Stop))!);
        Assert.Equal("[1]", await content.ReadToEndAsync(Stop));
        Assert.Null(await store.OpenAsync(blob with { Name = "other.json" }, Stop));
        Assert.Null(await store.OpenAsync(blob with { Subscription = "no-such" }, Stop));
    }

    [Fact]
    public async Task A_blob_from_the_account_reaches_the_records()
    {
        var account = new BlobServiceClient(await azurite.ConnectAsync());
        var record = StoreSamples.Record("42");
        var store = new Enrichment.StoreDouble { [record.Key] = record };
        var blob = await UploadAsync(
            account,
            $$"""
            [{"specversion":"1.0","id":"42","source":"{{record.Key.Source}}","type":"t","deadletterreason":"TimeToLiveExceeded","deliveryattempts":3,
            "lastdeliveryoutcome":"NotFound","publishtime":"2026-03-01T12:00:00Z","lastdeliveryattempttime":"2026-03-01T12:30:00Z"}]
            """);
        var recorder = new DeadLetterRecorder(
            store.Port, new EntityLinks(Substitute.For<IDocumentStore>()), Substitute.For<IProducerRegistry>(), new RetentionPolicy(null, null), new BlobDeadLetterStore(account), TestNotices.Failures(Substitute.For<IEventPublisher>(), TimeProvider.System), NullLogger<DeadLetterRecorder>.Instance);

        await recorder.RecordAsync("Microsoft.Storage.BlobCreated", System.Text.Encoding.UTF8.GetBytes($$"""{"url":"{{UrlOf(account, blob)}}"}"""), Stop);

        Assert.Equal("consumerDeadLettered", store[record.Key].Timeline[^1].What);
    }

    [Fact]
    public async Task A_key_that_the_account_refuses_is_told_with_what_to_do()
    {
        var account = new BlobServiceClient(await azurite.ConnectAsync("d3Jvbmc="));

        var error = await Assert.ThrowsAsync<DeadLettersUnavailableException>(() => new BlobDeadLetterStore(account).OpenAsync(new("crm", "1.json"), Stop));

        Assert.Contains("denies the service access", error.Message, StringComparison.Ordinal);
        Assert.Contains("Storage Blob Data Reader", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_an_identity_is_told_what_to_do()
    {
        var credential = Substitute.For<TokenCredential>();
        credential.GetTokenAsync(default, Stop).ReturnsForAnyArgs<AccessToken>(_ => throw new CredentialUnavailableException("none"));
        var account = new BlobServiceClient(new Uri("https://events.blob.core.windows.net/"), credential, new BlobClientOptions { Retry = { MaxRetries = 0 } });

        var error = await Assert.ThrowsAsync<DeadLettersUnavailableException>(() => new BlobDeadLetterStore(account).OpenAsync(new("crm", "1.json"), Stop));

        Assert.Contains("AzureIdentity:ClientId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_cannot_be_reached_is_unavailable()
    {
        var account = new BlobServiceClient(
            $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a;", new BlobClientOptions { Retry = { MaxRetries = 0 } });

        var error = await Assert.ThrowsAsync<DeadLettersUnavailableException>(() => new BlobDeadLetterStore(account).OpenAsync(new("crm", "1.json"), Stop));

        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "DeadLetters:Endpoint is missing")]
    [InlineData("http://events.blob.core.windows.net/", null, "is not an https URL")]
    [InlineData("events", null, "is not an https URL")]
    [InlineData(null, "nonsense", "DeadLetters:ConnectionString is not a connection string")]
    [InlineData("https://events.blob.core.windows.net/", "UseDevelopmentStorage=true", "are both set. Remove one of them")]
    public void A_setting_that_makes_no_sense_stops_the_host_with_a_line_and_an_example(string? endpoint, string? connection, string message)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Sqlite",
                ["Sqlite:Path"] = "unused.db",
                ["DeadLetters:Endpoint"] = endpoint,
                ["DeadLetters:ConnectionString"] = connection,
            })
            .Build();
        using var services = new ServiceCollection().AddLogging().AddEventFunctions(configuration).BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<DeadLetterOptions>>().Value);

        Assert.Contains(message, Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.Contains("example: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://events.blob.core.windows.net/", null)]
    [InlineData(null, "UseDevelopmentStorage=true")]
    public void Settings_that_are_right_are_taken(string? endpoint, string? connection) =>
        Assert.Empty(new DeadLetterOptions { Endpoint = endpoint, ConnectionString = connection }.Validate());

    private static BlobDeadLetterStore StoreOf(string endpoint) => new(new BlobServiceClient(new Uri(endpoint)));

    private static Uri UrlOf(BlobServiceClient account, DeadLetterBlob blob) => account.GetBlobContainerClient(blob.Container).GetBlobClient(blob.Name).Uri;

    private static async Task<DeadLetterBlob> UploadAsync(BlobServiceClient account, string content)
    {
        var blob = new DeadLetterBlob($"s{Guid.NewGuid():N}", "S/2026/3/1/12/1.json");
        await account.GetBlobContainerClient(blob.Container).CreateAsync(cancellationToken: Stop);
        await account.GetBlobContainerClient(blob.Container).GetBlobClient(blob.Name).UploadAsync(BinaryData.FromString(content), Stop);
        return blob;
    }
}
