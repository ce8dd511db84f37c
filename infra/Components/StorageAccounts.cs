using Pulumi;
using Pulumi.AzureNative.Storage;
using Pulumi.AzureNative.Storage.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>Makes storage accounts that accept Entra ID alone.</summary>
internal static class StorageAccounts
{
    /// <summary>Makes an account.</summary>
    /// <param name="name">Its name in the program.</param>
    /// <param name="placement">Where.</param>
    /// <param name="accountName">Its name in Azure.</param>
    /// <param name="isPrivate">Whether it can be reached only through private endpoints and by services that Azure trusts.</param>
    /// <param name="options">The component it belongs to, and whether it is protected.</param>
    public static StorageAccount Create(string name, Placement placement, Input<string> accountName, bool isPrivate, CustomResourceOptions options) => new(
        name,
        new()
        {
            AccountName = accountName,
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
            // "Disabled" would also shut out the services that Azure trusts, Event Grid among them.
            PublicNetworkAccess = PublicNetworkAccess.Enabled,
            NetworkRuleSet = new NetworkRuleSetArgs
            {
                Bypass = Bypass.AzureServices,
                DefaultAction = isPrivate ? DefaultAction.Deny : DefaultAction.Allow,
            },
        },
        options);

    /// <summary>Makes a container that no stranger can read.</summary>
    /// <param name="placement">Where.</param>
    /// <param name="account">The account.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="parent">The component it belongs to.</param>
    public static BlobContainer Container(Placement placement, StorageAccount account, string name, Resource parent) => new(
        name,
        new() { AccountName = account.Name, ContainerName = name, ResourceGroupName = placement.ResourceGroup, PublicAccess = PublicAccess.None },
        new() { Parent = parent });
}
