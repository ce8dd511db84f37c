using EventFunctions.Tests.Azurite;
using EventFunctions.Tests.Cosmos;

[assembly: AssemblyFixture(typeof(AzuriteAccount))]

namespace EventFunctions.Tests.Azurite;

/// <summary>A storage account for tests: Azurite from npm, whose services are started when a test first asks for them.</summary>
public sealed class AzuriteAccount : IAsyncDisposable
{
    // Azurite's one account and its key, which are no secret.
    private const string Name = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly SemaphoreSlim _starting = new(1);
    private readonly Dictionary<string, NodeServer> _servers = [];
    private string? _missing;

    /// <summary>The connection string of the account's blobs; skips the test where there is no account to be had.</summary>
    /// <param name="key">Another key than the account's.</param>
    public Task<string> ConnectAsync(string key = Key) => ConnectAsync("azurite.js", "BlobEndpoint", key);

    /// <summary>The connection string of the account's queues; skips the test where there is no account to be had.</summary>
    /// <param name="key">Another key than the account's.</param>
    public Task<string> ConnectToQueuesAsync(string key = Key) => ConnectAsync("azurite-queues.js", "QueueEndpoint", key);

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    private async Task<string> ConnectAsync(string script, string endpoint, string key)
    {
        NodeServer? server;
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_servers.TryGetValue(script, out server) && _missing is null)
            {
                _missing = await NodePackages.InstallAsync();
                if (_missing is null)
                {
                    _servers.Add(script, server = await NodeServer.StartAsync(script));
                }
            }
        }
        finally
        {
            _starting.Release();
        }

        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return $"DefaultEndpointsProtocol=http;AccountName={Name};AccountKey={key};{endpoint}={server!.Address}{Name};";
    }
}
