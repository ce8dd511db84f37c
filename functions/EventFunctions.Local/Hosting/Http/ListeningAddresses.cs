using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.Hosting;

/// <summary>The addresses that the host is asked to listen on.</summary>
/// <param name="EndPoints">Each address and port; port 0 asks for any free one.</param>
internal sealed record ListeningAddresses(IReadOnlyList<IPEndPoint> EndPoints)
{
    /// <summary>Where the host listens unless told otherwise.</summary>
    public const string Default = "http://127.0.0.1:7071";

    /// <summary>
    /// Reads a list of URLs, separated by semicolons, of the form <c>http://HOST:PORT</c>, where the host is
    /// <c>localhost</c>, an IP address, or <c>*</c> for every address of the machine.
    /// </summary>
    /// <param name="urls">The list.</param>
    /// <exception cref="HostStartException">A URL is not of that form.</exception>
    public static ListeningAddresses Parse(string urls)
    {
        var endPoints = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(ParseOne).Distinct().ToArray();
        return endPoints.Length > 0 ? new ListeningAddresses(endPoints) : throw new HostStartException($"--urls is empty. Give an address, for example {Default}.");
    }

    private static IEnumerable<IPEndPoint> ParseOne(string url)
    {
        if (!IsWellFormed(url, out var address))
        {
            throw new HostStartException($"\"{url}\" is not a URL to listen on; it must look like {Default}.");
        }

        if (address.Scheme != "http")
        {
            throw new HostStartException($"\"{url}\": this host supports only http. For https, put a reverse proxy in front of it.");
        }

        return address.Host switch
        {
            "localhost" when address.Port == 0 || !Socket.OSSupportsIPv6 => [new(IPAddress.Loopback, address.Port)],
            "localhost" => [new(IPAddress.Loopback, address.Port), new(IPAddress.IPv6Loopback, address.Port)],
            "*" or "+" => [new(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port)],
            var host when IPAddress.TryParse(host, out var ip) => [new(ip, address.Port)],

            // A name would have to be looked up, and Kestrel takes every name for "all addresses".
            _ => throw new HostStartException($"\"{url}\": the host must be localhost, an IP address or *."),
        };
    }

    private static bool IsWellFormed(string url, out BindingAddress address)
    {
        try
        {
            address = BindingAddress.Parse(url);
            return address.PathBase.Length == 0 && address.Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            address = null!;
            return false;
        }
    }
}
