using System.Net;
using EventFunctions.Producers;
using Microsoft.Extensions.Options;

namespace EventFunctions.Http;

/// <summary>Rejects URLs with a literal address that no fetch may dial.</summary>
internal sealed class DataAddresses(IOptions<ProducerClientOptions> options) : IDataAddresses
{
    /// <summary>The setting that allows networks.</summary>
    public const string Setting = "ProducerClient:AllowedNetworks";

    private readonly Lazy<AddressRules> _rules = new(() => AddressRules.Of(options.Value.AllowedNetworks));

    public string? Refusal(Uri url) =>
        AddressesOf(url) is { Length: > 0 } addresses && !Array.Exists(addresses, _rules.Value.Allows)
            ? $"The address {addresses[0]} is not public. To allow it, add its network to {Setting}."
            : null;

    // URIs have every IPv4 spelling (decimal, octal, hexadecimal, shortened) brought into the usual form already. What is loopback
    // without being an address is localhost, which resolvers give no other addresses.
    private static IPAddress[] AddressesOf(Uri url) =>
        IPAddress.TryParse(url.IdnHost.TrimEnd('.'), out var address) ? [address]
        : url.IsLoopback ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : [];
}
