using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built embedded host as a process of its own, which can be killed and started again on the same data and port.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(TestLength.Rounds(60, whenLong: 600));

    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;
    private int _kills;

    public HostProcess(string dataFolder, IReadOnlyDictionary<string, string> settings)
    {
        DataFolder = dataFolder;
        _settings = settings;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
    }

    public Uri Address { get; }

    public string DataFolder { get; }

    /// <summary>What the processes said so far, line by line.</summary>
    public IReadOnlyCollection<string> Output => _output;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = Command("--urls", Address.OriginalString, "--data", DataFolder);
        if (!OperatingSystem.IsWindows())
        {
            // Whoever runs it with no umask must not show anything either.
            start = new ProcessStartInfo("sh", ["-c", "umask 0; exec \"$0\" \"$@\"", start.FileName, .. start.ArgumentList])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
        }

        start.WorkingDirectory = DataFolder;
        foreach (var (name, value) in _settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? string.Empty);
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? string.Empty);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ListensAsync(cancellationToken);
    }

    /// <summary>How to run the built host with some arguments.</summary>
    public static ProcessStartInfo Command(params string[] arguments) => new("dotnet", [typeof(LocalHost).Assembly.Location, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>SIGKILL, or its like: the process gets no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            _kills++;
            await process.KillAsync();
            process.Dispose();
        }
    }

    /// <summary>The ID of the process.</summary>
    public int Id => _process!.Id;

    /// <summary>SIGSTOP: the process stands still until <see cref="ContinueAsync"/>.</summary>
    public Task StopAsync() => SignalAsync("-STOP");

    /// <summary>SIGCONT: the process goes on.</summary>
    public Task ContinueAsync() => SignalAsync("-CONT");

    /// <summary>SIGTERM: the process is asked to end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        var process = _process!;
        await SignalAsync("-TERM");
        await process.EndsAsync();

        var code = process.ExitCode;
        _process = null;
        process.Dispose();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        // The kill that ends the host at the end of its test is not counted.
        TestContext.Current.TestOutputHelper?.WriteLine($"Killed {_kills} times.");
        await KillAsync();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.EndsAsync();
    }

    // Not one of those that outgoing connections get: while the host is down, nobody else may come to have its port.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(15_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    private async Task ListensAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Deadline && _process is { HasExited: false })
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Address.Port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
            }
        }

        Assert.Fail("The host did not come up:\n" + string.Join('\n', _output));
    }
}
