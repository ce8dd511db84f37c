using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Http;

/// <summary>
/// Decides which addresses may be connected: those that the IANA special-purpose registries call globally reachable, and those that a
/// setting allows. An address that contains another (mapped, NAT64, 6to4, Teredo) must pass for both.
/// </summary>
internal sealed class AddressRules(IEnumerable<IPNetwork> allowed)
{
    private static readonly IPNetwork[] Refused =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by carriers
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's host agent
        IPNetwork.Parse("169.254.0.0/16"), // link-local, with the metadata services
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, with broadcast
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    // Everything else of IPv6 is loopback, unique local, link-local, multicast, or not assigned.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    // Benchmarks, hash identifiers and the like; the few that are globally reachable are anycast services of networks, AS112 and
    // identifiers that no server has.
    private static readonly IPNetwork ProtocolAssignments = IPNetwork.Parse("2001::/23");

    private readonly IPNetwork[] _allowed = [.. allowed];

    /// <summary>Whether the setting allows any network.</summary>
    public bool HasNames => _allowed.Length > 0;

    /// <summary>Creates the rules with the networks that a setting allows.</summary>
    /// <param name="networks">Networks in CIDR notation.</param>
    public static AddressRules Of(IEnumerable<string> networks) => new(networks.Select(network => IPNetwork.Parse(network)));

    /// <summary>Whether an address may be dialled.</summary>
    /// <param name="address">An IPv4 or IPv6 address.</param>
    public bool Allows(IPAddress address)
    {
        var dialled = Dialled(address);
        return AllowsByName(dialled) || IsPublic(dialled);
    }

    /// <summary>Whether the setting names a network that an address is in, public or not.</summary>
    /// <param name="address">An IPv4 or IPv6 address.</param>
    public bool AllowsByName(IPAddress address) => Array.Exists(_allowed, network => network.Contains(Dialled(address)));

    // To the network a mapped address is the IPv4 address; and IPNetwork compares mapped addresses wrongly.
    private static IPAddress Dialled(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsPublic(IPAddress address)
    {
        if (Array.Exists(Refused, network => network.Contains(address)))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return true;
        }

        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address))
        {
            return IsPublic(new IPAddress(bytes.AsSpan(12, 4)));
        }

        if (SixToFour.Contains(address))
        {
            return IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
        }

        // Teredo writes the server's address, and the client's with every bit flipped.
        if (Teredo.Contains(address))
        {
            var client = bytes[12..].Select(b => (byte)~b).ToArray();
            return IsPublic(new IPAddress(bytes.AsSpan(4, 4))) && IsPublic(new IPAddress(client));
        }

        return GlobalUnicast.Contains(address) && !ProtocolAssignments.Contains(address);
    }
}
