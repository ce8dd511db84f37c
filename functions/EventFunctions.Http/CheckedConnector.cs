using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Http;

/// <summary>
/// Connects to a host by resolving its name once, checking the addresses, and dialling only those that passed: a name
/// cannot resolve to one address for the check and to another for the connection.
/// </summary>
internal sealed class CheckedConnector(AddressRules rules)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var addresses = Array.FindAll(resolved, rules.Allows);
        if (addresses.Length == 0)
        {
            throw new AddressRefusedException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>None of a host's addresses may be dialled.</summary>
internal sealed class AddressRefusedException(string host)
    : Exception($"\"{host}\" has no address that may be dialled; ProducerClient:AllowedNetworks allows networks that are not public.");
