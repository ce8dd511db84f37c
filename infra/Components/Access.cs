using System.Security.Cryptography;
using System.Text;
using Pulumi;
using Pulumi.AzureNative.Authorization;

namespace EventFunctions.Infra.Components;

/// <summary>The built-in roles that are given, each to one identity and on one resource.</summary>
internal static class Role
{
    public const string EventGridDataSender = "d5a91429-5739-47e2-a06b-3470a27159e7";
    public const string KeyVaultSecretsUser = "4633458b-17de-408a-875b-0445c86b69e6";
    public const string MonitoringMetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
    public const string ServiceBusDataSender = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";
    public const string StorageBlobDataContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    public const string StorageBlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    public const string StorageBlobDataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
    public const string StorageQueueDataContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
    public const string StorageQueueDataMessageSender = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a";
    public const string StorageTableDataContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
}

/// <summary>Gives roles to identities.</summary>
/// <param name="placement">Where the roles' definitions are.</param>
internal sealed class Access(Placement placement)
{
    private readonly List<RoleAssignment> _granted = [];

    /// <summary>All that was given.</summary>
    public IReadOnlyList<RoleAssignment> Granted => _granted;

    /// <summary>Gives a role.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="role">The role.</param>
    /// <param name="scope">The ID of the resource that it is valid on.</param>
    /// <param name="principal">Whom it is given to: an identity's principal ID.</param>
    /// <param name="parent">The component it belongs to.</param>
    public RoleAssignment Grant(string name, string role, Output<string> scope, Output<string> principal, Resource parent)
    {
        // Azure names it by the subscription of the scope, whatever it is given: by another it would look changed, and be given anew.
        var subscription = Output.Tuple(scope, placement.SubscriptionId).Apply(t => SubscriptionOf(t.Item1) ?? t.Item2);
        var definition = Output.Format($"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}");
        var assignment = new RoleAssignment(
            name,
            new()
            {
                RoleAssignmentName = AssignmentId(role, scope, principal),
                RoleDefinitionId = definition,
                Scope = scope,
                PrincipalId = principal,
                // Spares Azure a lookup that fails for an identity that is seconds old.
                PrincipalType = PrincipalType.ServicePrincipal,
            },
            new() { Parent = parent });
        _granted.Add(assignment);
        return assignment;
    }

    // A consumer may be in another subscription than the service.
    private static string? SubscriptionOf(string scope) =>
        scope.Split('/') is ["", var first, var subscription, ..] && first.Equals("subscriptions", StringComparison.OrdinalIgnoreCase) ? subscription : null;

    /// <summary>The GUID that stands for a role given to a principal on a scope.</summary>
    public static Output<string> AssignmentId(string role, Output<string> scope, Output<string> principal) =>
        Output.Tuple(scope, principal).Apply(t =>
            new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{role}/{t.Item1}/{t.Item2}")).AsSpan(0, 16)).ToString());
}
