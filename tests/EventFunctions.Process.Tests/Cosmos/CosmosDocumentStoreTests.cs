using System.Text;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Cosmos;

public sealed class CosmosDocumentStoreTests(CosmosAccount account) : DocumentStoreConformance
{
    private const string NoTimeToLive = "@vercel/cosmosdb-server 1.0.1 has no time to live; set COSMOS_CONNECTION to run this against an account.";

    private TestDatabase? _database;

    [Fact]
    public async Task An_item_holds_the_partition_key_the_time_to_live_and_the_body_as_it_came()
    {
        await Store.UpsertAsync(
            DocumentContainer.State, new Document("job", "1", Encoding.UTF8.GetBytes(""" {"n": 1} """)) { TimeToLive = TimeSpan.FromMinutes(1) }, Cancellation);

        var item = (await Store.ReadAsync(DocumentContainer.State, "job", "1", Cancellation))!;
        var json = System.Text.Json.JsonDocument.Parse(item.Body).RootElement;
        Assert.Equal(("1", "job", 60, 1), (json.GetProperty("id").GetString(), json.GetProperty("kind").GetString(), json.GetProperty("ttl").GetInt32(), json.GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unavailable()
    {
        var store = new CosmosDocumentStore(_database!.Client.GetDatabase(_database.Options.Database), TimeSpan.FromMilliseconds(200));
        _database.Network.Choose = _ => Fault.NoAnswer;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CreateAsync(DocumentContainer.State, new Document("job", "1", "{}"u8.ToArray()), Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync(DocumentContainer.State, "job", "1", Cancellation));
    }

    [Fact]
    public async Task What_is_asked_once_is_one_request()
    {
        _database!.Network.Requests.Clear();
        var document = new Document("job", "1", "{}"u8.ToArray());
        var etag = await Store.CreateAsync(DocumentContainer.State, document, Cancellation);
        await Store.ReadAsync(DocumentContainer.State, "job", "1", Cancellation);
        await Store.ReplaceAsync(DocumentContainer.State, document, etag!, Cancellation);
        await Store.DeleteAsync(DocumentContainer.State, "job", "1", null, Cancellation);

        Assert.Equal(["POST", "GET", "PUT", "DELETE"], _database.Network.Requests);
    }

    protected override async Task<IDocumentStore> OpenAsync()
    {
        if (!account.IsReal && TestContext.Current.TestMethod!.MethodName == nameof(What_has_outlived_its_time_is_gone_and_its_place_is_free))
        {
            Assert.Skip(NoTimeToLive);
        }

        _database ??= await TestDatabase.CreateAsync(account, withDocuments: true);
        return _database.DocumentStore;
    }

    protected override Task CloseAsync(IDocumentStore store) => Task.CompletedTask;

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time, Cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await base.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
