using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Ticks;

namespace EventFunctions.Simulation.World;

/// <summary>What the functions do with what reaches them, without a host.</summary>
internal static class Entrances
{
    /// <summary>EnrichEvent.</summary>
    public static Task EnrichAsync(this Instance instance, EventNotification notification)
    {
        instance.Get<OverdueTick>().Check();
        return instance.Get<EventEnrichment>().EnrichAsync(DeliveredEvent.Of(notification), instance.Stopping);
    }

    /// <summary>RecordDeadLetters.</summary>
    public static Task RecordDeadLettersAsync(this Instance instance, string blob) => instance.Get<DeadLetterRecorder>().RecordAsync(
        "Microsoft.Storage.BlobCreated", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["url"] = blob }), instance.Stopping);
}
