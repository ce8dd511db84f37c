using System.Net;

namespace EventFunctions.Cli.Service;

/// <summary>Which service is meant, and what opens it.</summary>
/// <param name="Url">Where it is, ending in a slash.</param>
/// <param name="Key">The function key; null for none.</param>
/// <param name="AdministrationKey">The administration key; null for none.</param>
/// <param name="Scope">The scope of the Entra ID token to come with; null for none.</param>
/// <param name="ProducerKey">A key of a producer; null for none.</param>
internal sealed record Connection(Uri Url, string? Key, string? AdministrationKey, string? Scope, string? ProducerKey)
{
    /// <summary>Where the embedded host and Core Tools listen.</summary>
    public const string DefaultUrl = "http://127.0.0.1:7071";

    /// <summary>The environment variable for the URL.</summary>
    public const string UrlVariable = "EVENTFUNCTIONS_URL";

    /// <summary>The environment variable for the function key.</summary>
    public const string KeyVariable = "EVENTFUNCTIONS_KEY";

    /// <summary>The environment variable for the administration key.</summary>
    public const string AdministrationKeyVariable = "EVENTFUNCTIONS_ADMIN_KEY";

    /// <summary>The environment variable for the key of a producer.</summary>
    public const string ProducerKeyVariable = "EVENTFUNCTIONS_PRODUCER_KEY";

    /// <summary>The environment variable for the scope.</summary>
    public const string ScopeVariable = "EVENTFUNCTIONS_ENTRA";

    /// <summary>Whether the service is on this machine, so that requests do not cross a network.</summary>
    public bool IsLoopback => IsLoopbackHost(Url);

    /// <summary>Checks the options. No error message contains a key.</summary>
    /// <param name="url">The URL; null for the embedded host's.</param>
    /// <param name="key">The function key, if any.</param>
    /// <param name="administrationKey">The administration key, if any.</param>
    /// <param name="scope">The scope, if any.</param>
    /// <param name="producerKey">The key of a producer, if any.</param>
    /// <exception cref="ToolException">The URL is none, a key cannot be one, or a secret would go over the network in the clear.</exception>
    public static Connection Create(string? url, string? key, string? administrationKey, string? scope, string? producerKey = null)
    {
        var address = string.IsNullOrWhiteSpace(url) ? DefaultUrl : url.Trim();
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var parsed)
            || parsed.Scheme is not ("http" or "https") || parsed.UserInfo.Length > 0 || parsed.Query.Length > 0 || parsed.Fragment.Length > 0)
        {
            throw new ToolException(
                ExitCode.Usage, $"The URL of the service (--url or {UrlVariable}) must look like https://eventfunctions.azurewebsites.net, without user, query and fragment.");
        }

        var connection = new Connection(
            parsed,
            Checked(key, "--key", KeyVariable),
            Checked(administrationKey, "--admin-key", AdministrationKeyVariable),
            Checked(scope, "--entra", ScopeVariable),
            Checked(producerKey, "--producer-key", ProducerKeyVariable));
        return connection is { Key: null, AdministrationKey: null, Scope: null, ProducerKey: null } || parsed.Scheme == "https" || connection.IsLoopback
            ? connection
            : throw new ToolException(
                ExitCode.Usage, $"A key or token is not sent to {parsed.Host} over http, because it could be intercepted. Use https.");
    }

    /// <summary>Never the keys.</summary>
    public override string ToString() => Url.AbsoluteUri;

    // Only what cannot be resolved to somewhere else.
    private static bool IsLoopbackHost(Uri url) =>
        url.IdnHost == "localhost" || (IPAddress.TryParse(url.IdnHost, out var address) && IPAddress.IsLoopback(address));

    private static string? Checked(string? text, string option, string variable)
    {
        var trimmed = text?.Trim();
        return string.IsNullOrEmpty(trimmed) ? null
            : trimmed.All(c => c is > ' ' and <= '~') ? trimmed
            : throw new ToolException(ExitCode.Usage, $"{option} (or {variable}) holds a character that no header can carry.");
    }
}
