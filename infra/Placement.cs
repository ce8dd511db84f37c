using System.Security.Cryptography;
using System.Text;
using Pulumi;
using GetClientConfig = Pulumi.AzureNative.Authorization.GetClientConfig;
using ResourceGroup = Pulumi.AzureNative.Resources.ResourceGroup;

namespace EventFunctions.Infra;

/// <summary>Where resources are made, and what they are called: the same at each run.</summary>
internal sealed class Placement
{
    /// <summary>Makes the resource group.</summary>
    /// <param name="name">What all names begin with.</param>
    /// <param name="region">The Azure region.</param>
    /// <param name="protect">Whether the group is protected from deletion.</param>
    public Placement(string name, string region, bool protect)
    {
        var stack = Deployment.Instance.StackName;
        Name = name;
        Region = region;
        var client = GetClientConfig.Invoke();
        SubscriptionId = client.Apply(c => c.SubscriptionId);
        TenantId = client.Apply(c => c.TenantId);
        Suffix = SubscriptionId.Apply(subscription => Hash($"{subscription}/{Deployment.Instance.ProjectName}/{stack}/{name}"));
        var group = new ResourceGroup("group", new() { ResourceGroupName = $"{name}-{stack}", Location = region }, new() { Protect = protect });
        ResourceGroup = group.Name;
    }

    /// <summary>What all names begin with.</summary>
    public string Name { get; }

    /// <summary>The Azure region.</summary>
    public string Region { get; }

    /// <summary>The resource group's name.</summary>
    public Output<string> ResourceGroup { get; }

    /// <summary>The Azure subscription's ID.</summary>
    public Output<string> SubscriptionId { get; }

    /// <summary>The ID of the Entra tenant that is deployed to.</summary>
    public Output<string> TenantId { get; }

    /// <summary>Where resources are, as options of the Azure CLI.</summary>
    public Output<string> CliOptions => Output.Format($"--subscription {SubscriptionId} --resource-group {ResourceGroup}");

    // Names that the whole of Azure shares must differ between stacks and subscriptions.
    private Output<string> Suffix { get; }

    /// <summary>The name of a resource that is addressed within the resource group only.</summary>
    /// <param name="kind">What it is.</param>
    public string Local(string kind) => $"{Name}-{kind}";

    /// <summary>The name of a resource whose name is part of a host name.</summary>
    public Output<string> Global() => Output.Format($"{Name}-{Suffix}");

    /// <summary>The same for resources whose names have neither hyphens nor more than 24 characters.</summary>
    /// <param name="kind">What it is, in four characters at most; empty for the service's own.</param>
    public Output<string> GlobalCompact(string kind = "") => Output.Format($"{Name}{Suffix}{kind}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
