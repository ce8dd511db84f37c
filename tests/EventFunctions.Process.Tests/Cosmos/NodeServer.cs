using System.Diagnostics;

namespace EventFunctions.Tests.Cosmos;

/// <summary>A server from npm in a process of its own: its script says on its first line where it is, and ends with its standard input, for example when the tests end.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private readonly Process _process;

    private NodeServer(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<NodeServer> StartAsync(string script)
    {
        var process = Process.Start(new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = NodePackages.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var address = await process.StandardOutput.LineAsync() ?? throw new InvalidOperationException("The server ended at once.");

        // The server would block if its output were not read.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        return new NodeServer(process, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
    }
}
