using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.EventGrid;
using Pulumi.AzureNative.EventGrid.Inputs;
using BlobContainer = Pulumi.AzureNative.Storage.BlobContainer;
using StorageAccount = Pulumi.AzureNative.Storage.StorageAccount;

namespace EventFunctions.Infra.Components;

/// <summary>Tells the service of dead letters: a subscription to the blobs that Event Grid writes into the containers of dead letters.</summary>
internal sealed class DeadLetters : ComponentResource
{
    private readonly Placement _placement;
    private readonly ServiceStorage _storage;
    private readonly SystemTopic _topic;

    /// <summary>Makes the storage account's own topic, and lets it write its own dead letters.</summary>
    public DeadLetters(Placement placement, ServiceStorage storage, Access access)
        : base("eventfunctions:infra:DeadLetters", "dead-letters")
    {
        (_placement, _storage) = (placement, storage);
        _topic = new SystemTopic(
            "storage-topic",
            new()
            {
                SystemTopicName = placement.Local("storage"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                TopicType = "Microsoft.Storage.StorageAccounts",
                Source = storage.Account.Id,
                Identity = new IdentityInfoArgs { Type = IdentityType.SystemAssigned },
            },
            new() { Parent = this });
        var principal = _topic.Identity.Apply(i => i!.PrincipalId!);
        access.Grant("undelivered-role", Role.StorageBlobDataContributor, storage.Undelivered.Id, principal, this);
        RegisterOutputs();
    }

    /// <summary>The ID of the topic that tells of the storage account's blobs.</summary>
    public Output<string> TopicId => _topic.Id;

    /// <summary>The topic's own identity.</summary>
    public static EventSubscriptionIdentityArgs Identity => new() { Type = EventSubscriptionIdentityType.SystemAssigned };

    /// <summary>Sends dead letters to a container, under the topic's own identity.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="container">The container.</param>
    public static DeadLetterWithResourceIdentityArgs To(StorageAccount account, BlobContainer container) => new()
    {
        Identity = Identity,
        DeadLetterDestination = new StorageBlobDeadLetterDestinationArgs
        {
            EndpointType = "StorageBlob",
            ResourceId = account.Id,
            BlobContainerName = container.Name,
        },
    };

    /// <summary>Subscribes the function that records dead letters.</summary>
    /// <param name="function">The function's resource ID.</param>
    /// <param name="settings">How long and how often Event Grid tries.</param>
    /// <param name="after">What must be done before.</param>
    public SystemTopicEventSubscription Subscribe(
        Output<string> function, StackSettings settings, IEnumerable<Resource> after) => new(
        "dead-letters",
        new()
        {
            EventSubscriptionName = "dead-letters",
            SystemTopicName = _topic.Name,
            ResourceGroupName = _placement.ResourceGroup,
            // Storage accounts speak Event Grid's own schema unless told otherwise.
            EventDeliverySchema = EventDeliverySchema.CloudEventSchemaV1_0,
            Filter = new EventSubscriptionFilterArgs
            {
                IncludedEventTypes = { "Microsoft.Storage.BlobCreated" },
                SubjectBeginsWith = "/blobServices/default/containers/" + ServiceStorage.DeadLetterPrefix,
            },
            Destination = new AzureFunctionEventSubscriptionDestinationArgs
            {
                EndpointType = "AzureFunction",
                ResourceId = function,
                MaxEventsPerBatch = 1,
                PreferredBatchSizeInKilobytes = 64,
            },
            RetryPolicy = new RetryPolicyArgs
            {
                EventTimeToLiveInMinutes = settings.SubscriptionTimeToLiveHours * 60,
                MaxDeliveryAttempts = settings.MaxDeliveryAttempts,
            },
            DeadLetterWithResourceIdentity = To(_storage.Account, _storage.Undelivered),
        },
        new() { Parent = this, DependsOn = after.ToArray() });
}
