using System.Collections.Immutable;
using EventFunctions.Filters;

namespace EventFunctions.Local.EventGrid;

/// <summary>An event subscription, checked and ready to be delivered to.</summary>
internal sealed record Subscription
{
    public required string Topic { get; init; }

    public required string Name { get; init; }

    public required Uri Endpoint { get; init; }

    /// <summary>Whether the endpoint counts as an Azure resource: no handshake, and retries of its own.</summary>
    public required bool IsAzureResource { get; init; }

    public required EventSchema InputSchema { get; init; }

    public required EventSchema DeliverySchema { get; init; }

    /// <summary>Whether deliveries are arrays even in CloudEvents, whose single events come bare.</summary>
    public required bool IsBatched { get; init; }

    public required int MaxEventsPerBatch { get; init; }

    public required int PreferredBatchBytes { get; init; }

    public required ImmutableArray<DeliveryHeader> Headers { get; init; }

    public required SubscriptionFilter Filter { get; init; }

    public required int MaxDeliveryAttempts { get; init; }

    public required TimeSpan TimeToLive { get; init; }

    /// <summary>The dead-letter container; null drops undeliverable events.</summary>
    public required string? DeadLetterContainer { get; init; }

    /// <summary>Whether the publisher publishes lost events again, so that those not tried yet need not be on disk.</summary>
    public required bool IsRepublished { get; init; }

    /// <summary>What identifies the subscription on disk, across restarts.</summary>
    public string Key => $"{Topic}/{Name}".ToUpperInvariant();
}

/// <summary>A header of deliveries: a fixed value, or what a key leads to in the event.</summary>
internal sealed record DeliveryHeader(string Name, string? Value, FilterKey? Source);
