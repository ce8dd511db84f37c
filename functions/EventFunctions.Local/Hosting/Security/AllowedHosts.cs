using System.Net;
using EventFunctions.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The host names that a request may call a host by which asks for no key: names of this machine, and those of the setting.
/// A page that resolves its own name to this machine (DNS rebinding) calls by another.
/// </summary>
internal sealed class AllowedHosts
{
    /// <summary>The section with further names, one each: <c>AllowedHosts:0</c>.</summary>
    public const string Section = "AllowedHosts";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    /// <summary>Reads the names.</summary>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="HostStartException">A value is not a host name.</exception>
    public AllowedHosts(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (StrictSettings.SingleValue(section) is { } fault)
        {
            throw new HostStartException(fault);
        }

        foreach (var setting in section.GetChildren())
        {
            if (setting.Value is { Length: > 0 } name)
            {
                _names.Add(Uri.CheckHostName(name) != UriHostNameType.Unknown
                    ? WithoutRoot(name)
                    : throw new HostStartException($"{setting.Path} is \"{name}\", but must be a host name without a port; example: events.test."));
            }
        }
    }

    /// <summary>Whether a request may call by this name; its port does not matter.</summary>
    /// <param name="host">The request's host.</param>
    public bool Contains(HostString host)
    {
        var name = WithoutRoot(host.Host);
        return _names.Contains(name) || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }

    private static string WithoutRoot(string name) => name.EndsWith('.') ? name[..^1] : name;
}
