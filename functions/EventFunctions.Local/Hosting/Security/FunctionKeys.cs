using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The access keys of the functions. A host that others can reach, or for which a key is set, asks as Azure does: a function
/// key or the host key, in <c>x-functions-key</c> or <c>?code=</c>. Another host asks for none, as with Core Tools.
/// </summary>
internal sealed class FunctionKeys
{
    /// <summary>The setting of the key that opens every function.</summary>
    public const string HostSetting = "Keys:Host";

    /// <summary>The section of the keys that open one function each, by function name.</summary>
    public const string FunctionsSection = "Keys:Functions";

    /// <summary>The setting of the key by which Event Grid elsewhere calls the webhook.</summary>
    public const string EventGridSetting = "Keys:EventGrid";

    private readonly byte[] _host;
    private readonly byte[] _eventGrid;
    private readonly byte[] _webhook;
    private readonly Dictionary<string, byte[]> _functions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the keys.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="reachable">Whether others than this machine can reach the host.</param>
    /// <exception cref="HostStartException">Keys are asked for, and there is no host key.</exception>
    public FunctionKeys(IConfiguration configuration, bool reachable)
    {
        foreach (var key in configuration.GetSection(FunctionsSection).GetChildren())
        {
            if (!string.IsNullOrEmpty(key.Value))
            {
                _functions[key.Key] = Hash(key.Value);
            }
        }

        _host = Read(configuration, HostSetting);
        _eventGrid = Read(configuration, EventGridSetting);
        WebhookSecret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _webhook = Hash(WebhookSecret);
        Required = reachable || _host.Length > 0 || _functions.Count > 0;
        if (Required && _host.Length == 0)
        {
            throw new HostStartException(reachable
                ? $"The setting {HostSetting} is missing. It is required because the host listens on an address that is not loopback."
                : $"The setting {HostSetting} is missing. It is required because {FunctionsSection} has keys.");
        }
    }

    /// <summary>The secret by which the local Event Grid calls the webhook. It ends with the process.</summary>
    public string WebhookSecret { get; }

    /// <summary>Whether keys are asked for.</summary>
    public bool Required { get; }

    /// <summary>Whether a request may call a function that asks for a function key.</summary>
    /// <param name="request">The request.</param>
    /// <param name="function">The function's name.</param>
    public bool Admit(HttpRequest request, string function)
    {
        if (!Required)
        {
            return true;
        }

        var key = KeyOf(request);
        return Matches(key, _host) || (_functions.TryGetValue(function, out var own) && Matches(key, own));
    }

    /// <summary>Whether a request has a function key, right or wrong.</summary>
    /// <param name="request">The request.</param>
    public static bool IsShown(HttpRequest request) => KeyOf(request).Length > 0;

    /// <summary>Whether a request may deliver events.</summary>
    /// <param name="request">The request.</param>
    public bool AdmitEventGrid(HttpRequest request) => AdmitEventGrid(request.Query["code"].ToString());

    /// <summary>Whether a key opens the webhook.</summary>
    /// <param name="code">The key.</param>
    public bool AdmitEventGrid(string code) => Matches(code, _webhook) | Matches(code, _eventGrid);

    private static string KeyOf(HttpRequest request) =>
        request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();

    private static bool Matches(string key, byte[] expected) => CryptographicOperations.FixedTimeEquals(Hash(key), expected);

    // Hashed, so that comparing takes the same time whatever the keys' lengths.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static byte[] Read(IConfiguration configuration, string setting) => configuration[setting] is { Length: > 0 } key ? Hash(key) : [];
}
