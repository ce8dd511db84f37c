using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Sockets that listen before the host is built: its address is needed for settings (the topic's endpoint, the subscription's webhook, the
/// sample producer), and a busy port is reported first.
/// </summary>
internal sealed class BoundListeners : IDisposable
{
    private const int Backlog = 512;

    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    /// <summary>Where the host listens, with real port numbers.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _sockets.Keys.Cast<IPEndPoint>()];

    /// <summary>Whether only this machine can reach the host.</summary>
    public bool LoopbackOnly => EndPoints.All(e => IPAddress.IsLoopback(e.Address));

    /// <summary>A URL, ending in a slash, by which the host reaches itself; through loopback where it can.</summary>
    public Uri SelfAddress
    {
        get
        {
            var endPoint = EndPoints.FirstOrDefault(e => IPAddress.IsLoopback(e.Address))
                ?? EndPoints.FirstOrDefault(e => IsAny(e.Address))
                ?? EndPoints[0];
            return new Uri($"http://{(IsAny(endPoint.Address) ? new IPEndPoint(IPAddress.Loopback, endPoint.Port) : endPoint)}/");
        }
    }

    /// <summary>Listens.</summary>
    /// <param name="addresses">Where.</param>
    /// <exception cref="HostStartException">An address is taken, or not this machine's.</exception>
    public static BoundListeners Bind(ListeningAddresses addresses)
    {
        var listeners = new BoundListeners();
        try
        {
            foreach (var endPoint in addresses.EndPoints)
            {
                listeners.Bind(endPoint);
            }

            return listeners;
        }
        catch
        {
            listeners.Dispose();
            throw;
        }
    }

    /// <summary>Hands a socket to the server, which closes it.</summary>
    /// <param name="endPoint">One of <see cref="EndPoints"/>.</param>
    public Socket Take(EndPoint endPoint) => _sockets[endPoint];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }
    }

    private void Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            _sockets.Add(socket.LocalEndPoint!, socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new HostStartException($"Cannot listen on http://{endPoint}: {Explain(e)}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Explain(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use; choose another with --urls.",
        SocketError.AccessDenied => "this user may not use the port; choose one above 1023 with --urls.",
        SocketError.AddressNotAvailable => "this machine does not have the address; choose another with --urls.",
        _ => e.Message,
    };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
