using EventFunctions.Tests.Azurite;
using EventFunctions.Tests.Cosmos;

[assembly: AssemblyFixture(typeof(AzuriteAccount))]

namespace EventFunctions.Tests.Azurite;

/// <summary>A storage account for tests: Azurite from npm, which is started when a test first asks for it.</summary>
public sealed class AzuriteAccount : IAsyncDisposable
{
    // Azurite's one account and its key, which are no secret.
    private const string Name = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _starting = new(1);
    private NodeServer? _server;
    private string? _missing;

    /// <summary>The account's connection string; skips the test where there is no account to be had.</summary>
    /// <param name="key">Another key than the account's.</param>
    public async Task<string> ConnectAsync(string key = Key)
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_server is null && _missing is null)
            {
                using var limit = new CancellationTokenSource(StartLimit);
                _missing = await NodePackages.InstallAsync(limit.Token);
                _server = _missing is null ? await NodeServer.StartAsync("azurite.js", limit.Token) : null;
            }
        }
        finally
        {
            _starting.Release();
        }

        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return $"DefaultEndpointsProtocol=http;AccountName={Name};AccountKey={key};BlobEndpoint={_server!.Address}{Name};";
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
