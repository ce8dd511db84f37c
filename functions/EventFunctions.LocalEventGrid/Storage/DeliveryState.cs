namespace EventFunctions.Local.EventGrid;

/// <summary>Where a delivery stands; the numbers are stored.</summary>
internal enum DeliveryState
{
    /// <summary>Never tried.</summary>
    Fresh = 0,

    /// <summary>Waits for its next attempt.</summary>
    Retry = 1,

    /// <summary>Waits to be written as a dead letter.</summary>
    Dead = 2,
}
