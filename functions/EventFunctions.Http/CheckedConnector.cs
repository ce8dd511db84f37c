using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Http;

/// <summary>
/// Connects to a host by resolving its name once, checking the addresses, and dialling only those that passed: a name
/// cannot resolve to one address for the check and to another for the connection.
/// </summary>
/// <param name="rules">Which addresses may be dialled.</param>
/// <param name="setting">The setting that allows networks, for who is refused one.</param>
/// <param name="isPlainByName">Whether plain http is only for addresses in networks that the setting names.</param>
internal sealed class CheckedConnector(AddressRules rules, string setting, bool isPlainByName = false)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var isByName = isPlainByName && context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps;
        var addresses = Array.FindAll(resolved, isByName ? rules.AllowsByName : rules.Allows);
        if (addresses.Length == 0)
        {
            throw new AddressRefusedException(host, setting);
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

/// <summary>Thrown when a host has no allowed address.</summary>
internal sealed class AddressRefusedException(string host, string setting)
    : Exception($"\"{host}\" has no address that the service may connect to. To allow a private network, add it to {setting}.");
