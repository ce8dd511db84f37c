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
        // A host that brings its runtime has an executable of its own.
        var path = Path.Combine(AppContext.BaseDirectory, assembly);
        var isOnItsOwn = File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "libcoreclr.so"));
        var start = new ProcessStartInfo(isOnItsOwn ? Path.ChangeExtension(path, null) : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        if (!isOnItsOwn)
        {
            start.ArgumentList.Add(path);
        }

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

    /// <summary>Starts a server, and waits until it responds.</summary>
    public static async Task<ChildProcess> StartAsync(string assembly, params string[] arguments)
    {
        var address = FreeAddress();
        return await RespondingAsync(new ChildProcess(assembly, [.. arguments, "--urls", address.OriginalString], new Dictionary<string, string>(), address));
    }

    /// <summary>Starts the bare endpoint.</summary>
    public static Task<ChildProcess> StartBareAsync() => StartAsync("EventFunctions.Benchmarks.dll", "bare");

    /// <summary>Starts the smallest program that keeps the promises of the whole way, with its own producer, and waits until it responds.</summary>
    /// <param name="program">The built program, as the guide describes it.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static async Task<ChildProcess> StartSmallestAsync(string program, string dataFolder)
    {
        var address = FreeAddress();
        return await RespondingAsync(new ChildProcess(
            Path.GetFullPath(program),
            ["--port", $"{address.Port}", "--producer-port", $"{FreeAddress().Port}", "--producer-inside", "--data", dataFolder],
            new Dictionary<string, string>(),
            address));
    }

    /// <summary>Starts the embedded host on a data folder, and waits until it responds.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="environment">The settings.</param>
    /// <param name="build">The folder of the built host; null for the one beside this tool.</param>
    public static async Task<ChildProcess> StartHostAsync(string dataFolder, IReadOnlyDictionary<string, string> environment, string? build = null)
    {
        var child = await BeginHostAsync(dataFolder, environment, build);
        await child.RespondsAsync();
        return child;
    }

    /// <summary>Starts the embedded host, and waits only until its port is open: the host may still be starting.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="environment">The settings.</param>
    /// <param name="build">The folder of the built host; null for the one beside this tool.</param>
    public static async Task<ChildProcess> BeginHostAsync(string dataFolder, IReadOnlyDictionary<string, string> environment, string? build = null)
    {
        var address = FreeAddress();
        var child = new ChildProcess(
            Path.GetFullPath("EventFunctions.Local.dll", build is null ? AppContext.BaseDirectory : Path.GetFullPath(build)),
            ["--urls", address.OriginalString, "--data", dataFolder],
            environment,
            address);
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

    private static async Task<ChildProcess> RespondingAsync(ChildProcess child)
    {
        await child.ListensAsync();
        await child.RespondsAsync();
        return child;
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

        throw Failed();
    }

    // A port is open before the settings are checked, so a connection alone proves nothing.
    private async Task RespondsAsync()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = StartDeadline };
        try
        {
            using var response = await client.GetAsync("/api/health");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(1)));
            throw Failed();
        }
    }

    private InvalidOperationException Failed() => new("The server did not start:\n" + string.Join('\n', _output));
}
