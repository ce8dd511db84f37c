namespace EventFunctions.Local.EventGrid;

/// <summary>Thrown when the local Event Grid cannot write or erase events now.</summary>
/// <param name="message">What cannot be done, and why.</param>
/// <param name="innerException">The cause.</param>
public sealed class EventGridUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
