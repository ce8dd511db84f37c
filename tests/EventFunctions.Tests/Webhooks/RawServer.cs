using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventFunctions.Tests.Webhooks;

/// <summary>A server on a free port of this machine that says what HTTP servers do not say.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    private RawServer(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _listener.Start();
        _accepting = AcceptAsync(answer);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Connections => _connections;

    public static RawServer Start(Func<NetworkStream, CancellationToken, Task> answer) => new(answer);

    /// <summary>Says this, and hangs up.</summary>
    public static RawServer Saying(string text) => Start((stream, stop) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop).AsTask());

    /// <summary>Says this, and something more again and again.</summary>
    public static RawServer Dripping(string text, string more) => Start(async (stream, stop) =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(more), stop);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> answer)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), answer));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer)
    {
        Interlocked.Increment(ref _connections);
        using var connection = client;
        try
        {
            // Hanging up on what was sent and not read would be a reset, which may overtake the answer.
            var request = new byte[65_536];
            _ = await connection.GetStream().ReadAtLeastAsync(request, 1, throwOnEndOfStream: false, _stop.Token);
            await answer(connection.GetStream(), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone, or the test is over.
        }
    }
}
