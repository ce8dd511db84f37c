namespace EventFunctions.Local.EventGrid;

/// <summary>The outcome of an attempt, to be written to disk.</summary>
/// <param name="Taker">Whose delivery it is.</param>
/// <param name="Sequence">The event.</param>
/// <param name="Next">How the delivery goes on; null where it is over.</param>
internal readonly record struct Settlement(Dispatcher Taker, long Sequence, TopicDelivery? Next);
