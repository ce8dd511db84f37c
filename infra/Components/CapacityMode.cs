using System.Collections.Immutable;
using EventFunctions.Infra.Configuration;
using Pulumi;

namespace EventFunctions.Infra.Components;

/// <summary>Keeps the store's account in the capacity mode it was made in: Azure changes the mode only in an operation of its own.</summary>
internal static class CapacityMode
{
    /// <summary>The capability of a serverless account.</summary>
    public const string Serverless = "EnableServerless";

    private const string Guide = "docs/deploy.md#from-serverless-to-provisioned-throughput";

    /// <summary>Returns a hook that refuses an update which would change the mode, in a preview as well.</summary>
    public static ResourceHook RefuseChange() => new(
        "capacity-mode",
        (args, _) =>
        {
            Check(args.OldInputs, args.NewInputs);
            return Task.CompletedTask;
        },
        new ResourceHookOptions { OnDryRun = true });

    /// <summary>Refuses an update that would change the mode.</summary>
    /// <exception cref="InvalidOperationException">The mode would change.</exception>
    internal static void Check(ImmutableDictionary<string, object?>? before, ImmutableDictionary<string, object?>? after)
    {
        var wasServerless = IsServerless(before);
        if (wasServerless == IsServerless(after))
            return;

        throw new InvalidOperationException(wasServerless
            ? $"The store is serverless, and this program cannot change that. Remove {StoreThroughput.Key}, or convert the account in Azure first and "
                + $"set {StoreThroughput.ConvertedKey} to true; the steps are in {Guide}."
            : $"The store has provisioned throughput and cannot become serverless. Set {StoreThroughput.Key} again; {Guide} says how to move to another account.");
    }

    private static bool IsServerless(ImmutableDictionary<string, object?>? account) =>
        account?.GetValueOrDefault("capabilities") is IEnumerable<object?> capabilities
        && capabilities.OfType<IReadOnlyDictionary<string, object?>>().Any(capability => Equals(capability.GetValueOrDefault("name"), Serverless));
}
