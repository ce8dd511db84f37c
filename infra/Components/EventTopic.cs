using Pulumi;
using Pulumi.AzureNative.EventGrid;
using Pulumi.AzureNative.EventGrid.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>The topic that events are published to.</summary>
internal sealed class EventTopic : ComponentResource
{
    /// <summary>Makes the topic.</summary>
    public EventTopic(Placement placement, bool isPrivate)
        : base("eventfunctions:infra:EventTopic", "topic")
    {
        Topic = new Topic(
            "events-topic",
            new()
            {
                TopicName = placement.Global(),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                InputSchema = InputSchema.CloudEventSchemaV1_0,
                // Of all identities, only this kind gets past a storage account's firewall.
                Identity = new IdentityInfoArgs { Type = IdentityType.SystemAssigned },
                DisableLocalAuth = true,
                MinimumTlsVersionAllowed = TlsVersion.TlsVersion_1_2,
                PublicNetworkAccess = isPrivate ? PublicNetworkAccess.Disabled : PublicNetworkAccess.Enabled,
            },
            new() { Parent = this });
        RegisterOutputs();
    }

    /// <summary>The topic.</summary>
    public Topic Topic { get; }

    /// <summary>The identity that Event Grid delivers and writes dead letters under.</summary>
    public Output<string> Principal => Topic.Identity.Apply(i => i!.PrincipalId!);
}
