using System.Runtime.CompilerServices;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace EventFunctions.Local.EventGrid;

/// <summary>Where dead letters are written.</summary>
internal interface IDeadLetterContainer
{
    /// <summary>Writes a blob; it appears whole or not at all.</summary>
    /// <param name="container">The container, which is made where there is none.</param>
    /// <param name="name">The blob's name, with slashes.</param>
    /// <param name="content">The blob.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The blob's URL.</returns>
    Task<Uri> WriteAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <summary>Containers are a storage account's.</summary>
internal sealed class DeadLetterAccount : IDeadLetterContainer
{
    private readonly BlobServiceClient _account;

    private DeadLetterAccount(string connectionString) => _account = new(connectionString);

    /// <summary>Opens an account. Not inlined, so that a host with a folder does not load the storage library.</summary>
    /// <param name="connectionString">Its connection string.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IDeadLetterContainer Open(string connectionString) => new DeadLetterAccount(connectionString);

    public async Task<Uri> WriteAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var client = _account.GetBlobContainerClient(container);
        await client.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } };
        var blob = client.GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromBytes(content), options, cancellationToken);
        return blob.Uri;
    }
}
