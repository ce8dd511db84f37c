using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>What all dispatchers share.</summary>
internal sealed record DispatcherContext(
    LocalEventGridOptions Options,
    TopicDeliveryStore Store,
    WebhookSender Sender,
    RetrySchedule Schedule,
    IDeadLetterContainer DeadLetters,
    TimeProvider Time,
    ILogger Logger);
