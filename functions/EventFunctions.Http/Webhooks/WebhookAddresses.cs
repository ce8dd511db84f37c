using System.Net;
using EventFunctions.Webhooks;

namespace EventFunctions.Http.Webhooks;

/// <summary>
/// Rejects URLs without a network call: addresses that are not allowed, in every spelling, and plain http outside the networks in the
/// setting.
/// </summary>
internal sealed class WebhookAddresses(AddressRules rules) : IWebhookAddresses
{
    /// <summary>The setting that allows networks.</summary>
    public const string Setting = "Webhooks:AllowedNetworks";

    public string? Refusal(Uri url)
    {
        // URIs have every IPv4 spelling (decimal, octal, hexadecimal, shortened) brought into the usual form already.
        var isLiteral = IPAddress.TryParse(url.IdnHost.TrimEnd('.'), out var address);
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return (isLiteral ? rules.AllowsByName(address!) : rules.HasNames)
                ? null
                : $"A webhook's URL must be https. Plain http is allowed only for the networks in {Setting}.";
        }

        return !isLiteral || rules.Allows(address!) ? null : $"This address is not public. To allow it, add its network to {Setting}.";
    }
}
