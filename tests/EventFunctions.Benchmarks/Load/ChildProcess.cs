using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Benchmarks.Load;

/// <summary>A server under test, in a process of its own, on a free loopback port.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildProcess(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, Uri address)
    {
        Address = address;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        Started = Stopwatch.StartNew();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{assembly} did not start.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The time since the process was started.</summary>
    public Stopwatch Started { get; }

    /// <summary>The processor time it has used so far, on all cores together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory it has now, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The most memory it had so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>The bare endpoint.</summary>
    public static async Task<ChildProcess> StartBareAsync()
    {
        var address = FreeAddress();
        var child = new ChildProcess("EventFunctions.Benchmarks.dll", ["bare", "--urls", address.OriginalString], new Dictionary<string, string>(), address);
        await child.ListensAsync();
        return child;
    }

    /// <summary>The embedded host, on a data folder.</summary>
    public static async Task<ChildProcess> StartHostAsync(string dataFolder, IReadOnlyDictionary<string, string> environment)
    {
        var address = FreeAddress();
        var child = new ChildProcess(
            "EventFunctions.Local.dll", ["--urls", address.OriginalString, "--data", dataFolder], environment, address);
        await child.ListensAsync();
        return child;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    private async Task ListensAsync()
    {
        while (Started.Elapsed < StartDeadline && !_process.HasExited)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(5);
            }
        }

        throw new InvalidOperationException("The server did not come up:\n" + string.Join('\n', _output));
    }
}
