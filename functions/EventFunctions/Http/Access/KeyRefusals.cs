using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http;

/// <summary>
/// Responds to requests without the right key. Wrong keys are counted by the caller's address: after <see cref="MaxWrong"/> in a minute
/// each further one gets <c>429</c>. The right key is always accepted and never counted.
/// </summary>
public sealed class KeyRefusals
{
    /// <summary>How many wrong keys of an address in a minute get the usual response.</summary>
    public const int MaxWrong = 20;

    private const int PrefixBytes = 8;

    private readonly RefusalLog _log;
    private readonly bool _isInAzure;

    /// <summary>Finds out where callers' addresses are.</summary>
    /// <param name="log">Counts refusals.</param>
    /// <param name="configuration">The settings; in Azure the platform sets <c>WEBSITE_SITE_NAME</c>.</param>
    public KeyRefusals(RefusalLog log, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _log = log;
        _isInAzure = !string.IsNullOrEmpty(configuration["WEBSITE_SITE_NAME"]);
    }

    /// <summary>Returns what to answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">What it needs, as in "function key".</param>
    /// <param name="isShown">Whether it has a key, though a wrong one.</param>
    /// <param name="usual">The usual response.</param>
    internal Problem Answer(HttpRequest request, string kind, bool isShown, Problem usual)
    {
        var call = $"{request.Method} {request.Path}";
        if (!isShown)
        {
            _log.Record($"a missing {kind}", call);
            return usual;
        }

        var (count, remaining) = _log.Record($"a wrong key from {AddressOf(request)}", $"{kind} for {call}");
        return count <= MaxWrong ? usual : new Problem(
            StatusCodes.Status429TooManyRequests,
            string.Create(CultureInfo.InvariantCulture, $"Your address has sent more than {MaxWrong} wrong keys in a minute. Correct the key; the right key is accepted at once."))
        {
            Headers = [new("Retry-After", Math.Max(1, Math.Ceiling(remaining.TotalSeconds)).ToString(CultureInfo.InvariantCulture))],
        };
    }

    // App Service adds the address that it was called from, with its port, to the end of the header.
    private string AddressOf(HttpRequest request)
    {
        var address = request.HttpContext.Connection.RemoteIpAddress;
        if (_isInAzure && IPEndPoint.TryParse(request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim(), out var client))
        {
            address = client.Address;
        }

        return address switch
        {
            null => "an unknown address",
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } when !IPAddress.IsLoopback(address) => Network(address),
            _ => address.ToString(),
        };
    }

    // One caller has as many addresses of IPv6 as it wants.
    private static string Network(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return $"{new IPAddress(bytes)}/{PrefixBytes * 8}";
    }
}
