using Pulumi;
using Pulumi.AzureNative.Storage;

namespace EventFunctions.Infra.Components;

/// <summary>The Functions host's own storage account: its state and keys, the code package, and the queues that it reads.</summary>
internal sealed class HostStorage : ComponentResource
{
    /// <summary>The queue that webhooks are delivered from.</summary>
    public const string DeliveryQueue = "webhook-deliveries";

    private readonly Placement _placement;

    /// <summary>Makes the account, and everything in it that the host would otherwise need a role on the account to make.</summary>
    public HostStorage(Placement placement, bool isPrivate, bool protect)
        : base("eventfunctions:infra:HostStorage", "host-storage")
    {
        _placement = placement;
        Account = StorageAccounts.Create(
            "host-account", placement, placement.GlobalCompact("host"), isPrivate, new() { Parent = this, Protect = protect });
        Packages = Container("app-package");
        State = [Container("azure-webjobs-hosts"), Container("azure-webjobs-secrets")];
        Queues = [Queue(DeliveryQueue), Queue(DeliveryQueue + "-poison")];
        RegisterOutputs();
    }

    /// <summary>The account.</summary>
    public StorageAccount Account { get; }

    /// <summary>Where the code package is kept.</summary>
    public BlobContainer Packages { get; }

    /// <summary>The containers of the host's locks and schedules, and of the functions' keys.</summary>
    public IReadOnlyList<BlobContainer> State { get; }

    /// <summary>The queues, each with the one that takes what failed too often.</summary>
    public IReadOnlyList<Queue> Queues { get; }

    /// <summary>The URL of the package container.</summary>
    public Output<string> PackagesUrl => Output.Format($"https://{Account.Name}.blob.core.windows.net/{Packages.Name}");

    /// <summary>Lets an identity run the host: own the host's containers, use its queues, and write diagnostic events.</summary>
    /// <param name="access">Gives the roles.</param>
    /// <param name="principal">The identity's principal ID.</param>
    public void GrantHost(Access access, Output<string> principal)
    {
        foreach (var container in State)
            access.Grant($"{container.GetResourceName()}-role", Role.StorageBlobDataOwner, container.Id, principal, this);

        foreach (var queue in Queues)
            access.Grant($"{queue.GetResourceName()}-role", Role.StorageQueueDataContributor, queue.Id, principal, this);

        // The host makes a table for each month, so there is none to give the role on.
        access.Grant("host-tables-role", Role.StorageTableDataContributor, Account.Id, principal, this);
    }

    /// <summary>Lets an identity replace and read the code package.</summary>
    /// <param name="access">Gives the role.</param>
    /// <param name="principal">The identity's principal ID.</param>
    public void GrantDeployment(Access access, Output<string> principal) =>
        access.Grant("package-role", Role.StorageBlobDataContributor, Packages.Id, principal, this);

    private BlobContainer Container(string name) => StorageAccounts.Container(_placement, Account, name, this);

    private Queue Queue(string name) => new(
        name,
        new() { AccountName = Account.Name, QueueName = name, ResourceGroupName = _placement.ResourceGroup },
        new() { Parent = this });
}
