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

    // URIs have every IPv4 spelling (decimal, octal, hexadecimal, shortened) brought into the usual form already.
    public string? Refusal(Uri url) =>
        !IPAddress.TryParse(url.IdnHost.TrimEnd('.'), out var address) || _rules.Value.Allows(address)
            ? null
            : $"The address {address} is not public. To allow it, add its network to {Setting}.";
}
