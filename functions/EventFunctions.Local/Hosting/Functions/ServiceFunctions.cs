namespace EventFunctions.Local.Hosting;

/// <summary>The classes of the service's functions. A search of the assembly would load all of its types at each start.</summary>
internal static class ServiceFunctions
{
    /// <summary>All classes with functions.</summary>
    public static IReadOnlyList<Type> Classes { get; } =
    [
        typeof(Functions.Administration),
        typeof(Functions.CrossOrigin),
        typeof(Functions.Deliveries),
        typeof(Functions.DryRuns),
        typeof(Functions.Entities),
        typeof(Functions.Events),
        typeof(Functions.Failures),
        typeof(Functions.Feed),
        typeof(Functions.Handlers),
        typeof(Functions.Intake),
        typeof(Functions.Jobs),
        typeof(Functions.Keys),
        typeof(Functions.Pages),
        typeof(Functions.ProducerStates),
        typeof(Functions.Producers),
        typeof(Functions.Status),
        typeof(Functions.Streams),
        typeof(Functions.Timers),
        typeof(Functions.WebhookStates),
        typeof(Functions.Webhooks),
    ];
}
