using Pulumi;
using Pulumi.AzureNative.Storage;
using Pulumi.AzureNative.Storage.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>The storage account: the function host's own state, the code package, the queues, and a container of dead letters for each subscription.</summary>
internal sealed class ServiceStorage : ComponentResource
{
    /// <summary>What the names of dead-letter containers begin with, one for each subscription of the topic.</summary>
    public const string DeadLetterPrefix = "deadletters-";

    /// <summary>Where dead letters about dead letters go: no name that <see cref="DeadLetterPrefix"/> covers, or they would go in circles.</summary>
    public const string UndeliveredContainer = "undelivered-deadletters";

    /// <summary>The queue that webhooks are delivered from.</summary>
    public const string DeliveryQueue = "webhook-deliveries";

    private readonly Placement _placement;

    /// <summary>Makes the account.</summary>
    public ServiceStorage(Placement placement, bool isPrivate, bool protect)
        : base("eventfunctions:infra:ServiceStorage", "storage")
    {
        _placement = placement;
        Account = new StorageAccount(
            "storage-account",
            new()
            {
                AccountName = placement.GlobalCompact(),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Kind = Kind.StorageV2,
                Sku = new SkuArgs { Name = SkuName.Standard_LRS },
                AllowSharedKeyAccess = false,
                AllowBlobPublicAccess = false,
                AllowCrossTenantReplication = false,
                DefaultToOAuthAuthentication = true,
                EnableHttpsTrafficOnly = true,
                IsLocalUserEnabled = false,
                MinimumTlsVersion = MinimumTlsVersion.TLS1_2,
                // Event Grid writes dead letters from outside, as a trusted service; "Disabled" would shut it out as well.
                PublicNetworkAccess = PublicNetworkAccess.Enabled,
                NetworkRuleSet = new NetworkRuleSetArgs
                {
                    Bypass = Bypass.AzureServices,
                    DefaultAction = isPrivate ? DefaultAction.Deny : DefaultAction.Allow,
                },
            },
            new() { Parent = this, Protect = protect });
        Packages = Container("app-package");
        Undelivered = Container(UndeliveredContainer);
        Queues = [Queue(DeliveryQueue), Queue(DeliveryQueue + "-poison")];
        RegisterOutputs();
    }

    /// <summary>The account.</summary>
    public StorageAccount Account { get; }

    /// <summary>Where the code package is kept.</summary>
    public BlobContainer Packages { get; }

    /// <summary>Where dead letters of the subscription on dead letters go.</summary>
    public BlobContainer Undelivered { get; }

    /// <summary>The queues, each with the one that takes what failed too often.</summary>
    public IReadOnlyList<Queue> Queues { get; }

    /// <summary>The URL of the package container.</summary>
    public Output<string> PackagesUrl => Output.Format($"https://{Account.Name}.blob.core.windows.net/{Packages.Name}");

    /// <summary>Makes the dead-letter container of a subscription.</summary>
    /// <param name="subscription">The subscription's name.</param>
    public BlobContainer DeadLetters(string subscription) => Container(DeadLetterPrefix + subscription);

    private BlobContainer Container(string name) => new(
        name,
        new()
        {
            AccountName = Account.Name,
            ContainerName = name,
            ResourceGroupName = _placement.ResourceGroup,
            PublicAccess = PublicAccess.None,
        },
        new() { Parent = this });

    private Queue Queue(string name) => new(
        name,
        new() { AccountName = Account.Name, QueueName = name, ResourceGroupName = _placement.ResourceGroup },
        new() { Parent = this });
}
