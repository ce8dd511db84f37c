using System.Net;
using EventFunctions.Settings;

namespace EventFunctions.Http.Webhooks;

/// <summary>How customers' endpoints are reached; the settings below <c>Webhooks:</c>.</summary>
public sealed record WebhookClientOptions : ICheckedOptions
{
    /// <summary>
    /// Networks in CIDR notation that endpoints may be in although their addresses are not public, and that plain http may be
    /// spoken to, for example <c>10.20.0.0/16</c> or <c>127.0.0.0/8</c>. Empty allows https to public addresses only.
    /// </summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>How long making a connection may take, within the webhook's own timeout.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        for (var i = 0; i < AllowedNetworks.Count; i++)
        {
            if (!IPNetwork.TryParse(AllowedNetworks[i], out _))
            {
                yield return $"Webhooks:AllowedNetworks:{i} is \"{AllowedNetworks[i]}\", which is not a network in CIDR notation; example: 10.20.0.0/16.";
            }
        }

        if (ConnectTimeout <= TimeSpan.Zero || ConnectTimeout > TimeSpan.FromSeconds(15))
        {
            yield return $"Webhooks:ConnectTimeout is {ConnectTimeout}, but must be above zero and at most 15 seconds; example: 00:00:05.";
        }
    }
}
