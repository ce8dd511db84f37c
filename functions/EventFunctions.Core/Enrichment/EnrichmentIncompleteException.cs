namespace EventFunctions.Enrichment;

/// <summary>An attempt to enrich an event did not finish; the event has to be delivered again.</summary>
public sealed class EnrichmentIncompleteException(string message, Exception? innerException = null) : Exception(message, innerException);
