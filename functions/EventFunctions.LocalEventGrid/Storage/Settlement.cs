namespace EventFunctions.Local.EventGrid;

/// <summary>The outcome of an attempt, to be written to disk.</summary>
/// <param name="Taker">Whose delivery it is.</param>
/// <param name="Delivery">The delivery as it was before.</param>
/// <param name="Next">How the delivery goes on; null where it is over.</param>
internal readonly record struct Settlement(Dispatcher Taker, TopicDelivery Delivery, TopicDelivery? Next)
{
    /// <summary>The event.</summary>
    public long Sequence => Delivery.Sequence;

    /// <summary>Whether the disk does not change: it knew nothing of the delivery, and need not.</summary>
    public bool IsUnwritten => Delivery.IsHeld && Next is null;
}
