using EventFunctions.Settings;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Which Cosmos DB account holds the events; the settings below <c>Cosmos:</c>.</summary>
public sealed record CosmosOptions : ICheckedOptions
{
    /// <summary>The account's endpoint, for example <c>https://events.documents.azure.com:443/</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The account's key; without one the service signs in under its own identity.</summary>
    public string? Key { get; init; }

    /// <summary>Endpoint and key in one, as an emulator gives them; instead of <see cref="Endpoint"/> and <see cref="Key"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The database.</summary>
    public string Database { get; init; } = "eventfunctions";

    /// <summary>The container of the events: partition key <c>/eventId</c>, time to live on and by default never.</summary>
    public string EventsContainer { get; init; } = "events";

    /// <summary><c>Direct</c> to the replicas or, where only port 443 is open, through the <c>Gateway</c>.</summary>
    public string ConnectionMode { get; init; } = nameof(Microsoft.Azure.Cosmos.ConnectionMode.Direct);

    /// <summary>The valid <see cref="ConnectionMode"/>.</summary>
    internal ConnectionMode Mode => Enum.Parse<ConnectionMode>(ConnectionMode, ignoreCase: true);

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        foreach (var error in string.IsNullOrWhiteSpace(ConnectionString) ? ValidateEndpoint() : ValidateConnectionString())
        {
            yield return error;
        }

        foreach (var (setting, name, example) in new[] { (nameof(Database), Database, "eventfunctions"), (nameof(EventsContainer), EventsContainer, "events") })
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > 255 || name.AsSpan().IndexOfAny(@"/\?#") >= 0)
            {
                yield return $"Cosmos:{setting} is \"{name}\", which is not a name of 1 to 255 characters without / \\ ? #; example: {example}.";
            }
        }

        if (!Enum.TryParse<ConnectionMode>(ConnectionMode, ignoreCase: true, out var mode) || !Enum.IsDefined(mode))
        {
            yield return $"Cosmos:ConnectionMode is \"{ConnectionMode}\", which is neither Direct nor Gateway; example: Direct.";
        }
    }

    private IEnumerable<string> ValidateConnectionString()
    {
        const string example = "example: AccountEndpoint=https://localhost:8081/;AccountKey=C2y6yDjf5w==";
        var parts = ConnectionString!.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (!string.IsNullOrEmpty(Endpoint) || !string.IsNullOrEmpty(Key))
        {
            yield return $"Cosmos:ConnectionString is set together with Cosmos:Endpoint or Cosmos:Key. Remove one or the other; {example}.";
        }
        else if (!IsUrl(ValueOf("AccountEndpoint="), out _) || !IsBase64(ValueOf("AccountKey=")))
        {
            yield return $"Cosmos:ConnectionString needs an AccountEndpoint that is a URL and an AccountKey in base64; {example}.";
        }

        string ValueOf(string name) => parts.FirstOrDefault(part => part.StartsWith(name, StringComparison.OrdinalIgnoreCase))?[name.Length..] ?? "";
    }

    private IEnumerable<string> ValidateEndpoint()
    {
        const string example = "example: https://events.documents.azure.com:443/";
        if (string.IsNullOrWhiteSpace(Endpoint))
        {
            yield return $"Cosmos:Endpoint is missing; {example}.";
        }
        else if (!IsUrl(Endpoint, out var isHttps))
        {
            yield return $"Cosmos:Endpoint is \"{Endpoint}\", which is not an http or https URL; {example}.";
        }
        else if (!isHttps && string.IsNullOrEmpty(Key))
        {
            yield return $"Cosmos:Endpoint is \"{Endpoint}\", but tokens are sent over https only: set Cosmos:Key, or use https; {example}.";
        }

        if (!string.IsNullOrEmpty(Key) && !IsBase64(Key))
        {
            yield return "Cosmos:Key is not base64; remove it to sign in under the service's identity, or set the account's key; "
                + "example: the value of 'az cosmosdb keys list --query primaryMasterKey'.";
        }
    }

    private static bool IsUrl(string text, out bool isHttps)
    {
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https");
        isHttps = isUrl && url!.Scheme == "https";
        return isUrl;
    }

    private static bool IsBase64(string text) => text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);
}
