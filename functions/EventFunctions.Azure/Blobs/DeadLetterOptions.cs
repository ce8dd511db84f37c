using EventFunctions.Settings;

namespace EventFunctions.Azure.Blobs;

/// <summary>Which storage account has the dead-letter containers; the settings below <c>DeadLetters:</c>.</summary>
public sealed record DeadLetterOptions : ICheckedOptions
{
    /// <summary>The account's blob endpoint, for example <c>https://events.blob.core.windows.net/</c>; read under the service's own identity.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Endpoint and key in one, as Azurite gives them; instead of <see cref="Endpoint"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        const string example = "example: https://events.blob.core.windows.net/";
        if (!string.IsNullOrEmpty(ConnectionString))
        {
            if (!string.IsNullOrEmpty(Endpoint))
            {
                yield return $"DeadLetters:ConnectionString and DeadLetters:Endpoint are both set. Remove one of them; {example}.";
            }
            else if (!IsConnectionString(ConnectionString))
            {
                yield return "DeadLetters:ConnectionString is not a connection string of a storage account; example: UseDevelopmentStorage=true.";
            }
        }
        else if (string.IsNullOrWhiteSpace(Endpoint))
        {
            yield return $"DeadLetters:Endpoint is missing. The service needs it to read dead letters; {example}.";
        }
        else if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme != "https" || endpoint.Query.Length > 0)
        {
            yield return $"DeadLetters:Endpoint is \"{Endpoint}\", which is not an https URL without a query; {example}.";
        }
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            _ = new global::Azure.Storage.Blobs.BlobServiceClient(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
