using Pulumi;
using Pulumi.AzureNative.Storage;

namespace EventFunctions.Infra.Components;

/// <summary>The storage account of dead letters, with a container for each subscription.</summary>
internal sealed class ServiceStorage : ComponentResource
{
    /// <summary>What the names of dead-letter containers begin with, one for each subscription of the topic.</summary>
    public const string DeadLetterPrefix = "deadletters-";

    /// <summary>Where dead letters about dead letters go: no name that <see cref="DeadLetterPrefix"/> covers, or they would go in circles.</summary>
    public const string UndeliveredContainer = "undelivered-deadletters";

    private readonly Placement _placement;

    /// <summary>Makes the account.</summary>
    public ServiceStorage(Placement placement, bool isPrivate, bool protect)
        : base("eventfunctions:infra:ServiceStorage", "storage")
    {
        _placement = placement;
        Account = StorageAccounts.Create("storage-account", placement, placement.GlobalCompact(), isPrivate, new() { Parent = this, Protect = protect });
        Undelivered = Container(UndeliveredContainer);
        RegisterOutputs();
    }

    /// <summary>The account.</summary>
    public StorageAccount Account { get; }

    /// <summary>Where dead letters of the subscription on dead letters go.</summary>
    public BlobContainer Undelivered { get; }

    /// <summary>Makes the dead-letter container of a subscription.</summary>
    /// <param name="subscription">The subscription's name.</param>
    public BlobContainer DeadLetters(string subscription) => Container(DeadLetterPrefix + subscription);

    private BlobContainer Container(string name) => StorageAccounts.Container(_placement, Account, name, this);
}
