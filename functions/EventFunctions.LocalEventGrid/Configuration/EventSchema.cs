namespace EventFunctions.Local.EventGrid;

/// <summary>What an event looks like on the wire.</summary>
internal enum EventSchema
{
    /// <summary>CloudEvents 1.0, JSON format.</summary>
    CloudEvents,

    /// <summary>The Event Grid schema.</summary>
    EventGrid,
}
