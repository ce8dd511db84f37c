using EventFunctions.Settings;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Azure.Queues;

/// <summary>
/// The storage account of the queues: the one in <c>AzureWebJobsStorage</c>, with the same names as for the Functions host.
/// </summary>
public sealed record QueueStorageOptions : ICheckedOptions
{
    /// <summary>The setting, and the section, that the Functions host reads.</summary>
    public const string Section = "AzureWebJobsStorage";

    /// <summary>The whole of <c>AzureWebJobsStorage</c>: endpoint and key in one; goes before the others.</summary>
    public string? ConnectionString { get; set; }

    /// <summary><c>AzureWebJobsStorage:queueServiceUri</c>, for example <c>https://events.queue.core.windows.net/</c>; used under the service's own identity.</summary>
    public string? QueueServiceUri { get; set; }

    /// <summary><c>AzureWebJobsStorage:accountName</c>, for an account of public Azure; used under the service's own identity.</summary>
    public string? AccountName { get; set; }

    /// <summary>The URL of the queues; null if a connection string is set, or no account.</summary>
    internal Uri? Endpoint =>
        Uri.TryCreate(QueueServiceUri ?? (AccountName is null ? null : $"https://{AccountName}.queue.core.windows.net/"), UriKind.Absolute, out var endpoint) ? endpoint : null;

    /// <summary>Takes the settings over.</summary>
    /// <param name="configuration">All settings.</param>
    internal void Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        ConnectionString = Value(section.Value);
        QueueServiceUri = Value(section["queueServiceUri"]);
        AccountName = Value(section["accountName"]);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (ConnectionString is not null)
        {
            if (!IsConnectionString(ConnectionString))
            {
                yield return $"{Section} is not a connection string of a storage account; example: UseDevelopmentStorage=true.";
            }
        }
        else if (QueueServiceUri is null && AccountName is null)
        {
            yield return $"{Section} is missing. Webhook deliveries need a queue; example: UseDevelopmentStorage=true, or in Azure {Section}__accountName.";
        }
        else if (Endpoint is not { Scheme: "https", Query: "" })
        {
            yield return $"{Section} has a queueServiceUri or accountName that does not give an https URL; example: https://events.queue.core.windows.net/.";
        }
    }

    private static string? Value(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static bool IsConnectionString(string text)
    {
        try
        {
            _ = new global::Azure.Storage.Queues.QueueServiceClient(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
