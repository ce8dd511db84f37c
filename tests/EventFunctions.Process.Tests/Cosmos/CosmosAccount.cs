using EventFunctions.Tests.Cosmos;

[assembly: AssemblyFixture(typeof(CosmosAccount))]

namespace EventFunctions.Tests.Cosmos;

/// <summary>
/// The Cosmos DB account that tests run against, each in a database of its own: the one of <c>COSMOS_CONNECTION</c>, or a
/// server from npm, which is started when a test first asks for it.
/// </summary>
public sealed class CosmosAccount : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private NodeServer? _server;
    private string? _connection = Environment.GetEnvironmentVariable("COSMOS_CONNECTION") is { Length: > 0 } given ? given : null;
    private string? _missing;

    /// <summary>Whether it is a real account, or Microsoft's emulator.</summary>
    public bool IsReal { get; } = Environment.GetEnvironmentVariable("COSMOS_CONNECTION") is { Length: > 0 };

    /// <summary>Where the account is.</summary>
    public Uri Address => new(_connection!.Split(';').Single(part => part.StartsWith("AccountEndpoint=", StringComparison.Ordinal))["AccountEndpoint=".Length..]);

    /// <summary>The account's connection string; skips the test where there is no account to be had.</summary>
    public async Task<string> ConnectAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_connection is null && _missing is null)
            {
                await StartAsync();
            }
        }
        finally
        {
            _starting.Release();
        }

        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return _connection!;
    }

    private async Task StartAsync()
    {
        _missing = await NodePackages.InstallAsync();
        if (_missing is not null)
        {
            return;
        }

        _server = await NodeServer.StartAsync("cosmosdb-server.js");
        _connection = $"AccountEndpoint={_server.Address};AccountKey=a2V5";
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
