using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using EventFunctions.Publication.DeadLetters;

namespace EventFunctions.Azure.Blobs;

/// <summary>The dead-letter containers of a storage account.</summary>
internal sealed class BlobDeadLetterStore(BlobServiceClient account) : IDeadLetterStore
{
    private readonly string _root = account.Uri.AbsolutePath.TrimEnd('/') + "/";

    public DeadLetterBlob? Locate(Uri url)
    {
        var isOfAccount = Uri.Compare(url, account.Uri, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            && url is { UserInfo: "", Query: "", Fragment: "" }
            && url.AbsolutePath.StartsWith(_root, StringComparison.Ordinal);
        return isOfAccount ? DeadLetterBlob.FromPath(Uri.UnescapeDataString(url.AbsolutePath[_root.Length..])) : null;
    }

    public async Task<Stream?> OpenAsync(DeadLetterBlob blob, CancellationToken cancellationToken)
    {
        try
        {
            var client = account.GetBlobContainerClient(blob.Container).GetBlobClient(blob.Name);
            var download = await client.DownloadStreamingAsync(cancellationToken: cancellationToken);
            return download.Value.Content;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException)
        {
            throw new DeadLettersUnavailableException(Explain(e), e);
        }
    }

    private static string Explain(Exception error) => error switch
    {
        RequestFailedException { Status: 401 or 403 } e =>
            $"The storage account denies the service access to dead letters ({e.Status} {e.ErrorCode}). Give its identity the role \"Storage Blob Data Reader\" "
            + "on the account, and allow it through the account's firewall; locally, check DeadLetters:ConnectionString.",
        RequestFailedException { Status: > 0 } e => $"The storage account of the dead letters answered {e.Status} {e.ErrorCode}.",
        AuthenticationFailedException => $"Dead letters cannot be read. {Identity.Missing}",

        // After retries, one for each try; the last is what stands.
        AggregateException { InnerExceptions: [.., var last] } => Explain(last),
        _ => "The storage account of the dead letters cannot be reached. Check DeadLetters:Endpoint, and the account's firewall.",
    };
}
