using System.Collections.Immutable;

namespace EventFunctions.Records;

/// <summary>Why a run failed, as short names that group alike.</summary>
public static class FailureReason
{
    /// <summary>Event Grid will never take the event.</summary>
    public const string Unpublishable = "unpublishable";

    /// <summary>The event names no place for its data, and its producer has no template.</summary>
    public const string NoDataLocation = "noDataLocation";

    /// <summary>The data's place lies outside the producer's base URL, or a redirect led outside.</summary>
    public const string OutsideBaseUrl = "outsideBaseUrl";

    /// <summary>The address that the producer's name resolves to is not allowed.</summary>
    public const string AddressRefused = "addressRefused";

    /// <summary>The producer does not have the data (404, 410).</summary>
    public const string DataNotFound = "dataNotFound";

    /// <summary>The producer does not let the service read the data (401, 403).</summary>
    public const string AccessDenied = "accessDenied";

    /// <summary>The producer answered with another error that will not go away (other 4xx, too many redirects), or with a response whose length is ambiguous (transient).</summary>
    public const string BadAnswer = "badAnswer";

    /// <summary>The data is not what its content type says.</summary>
    public const string InvalidContent = "invalidContent";

    /// <summary>The full data does not match the type's schema.</summary>
    public const string SchemaViolation = "schemaViolation";

    /// <summary>The data is larger than the producer's limit.</summary>
    public const string TooLarge = "tooLarge";

    /// <summary>The source is not registered any more.</summary>
    public const string UnknownProducer = "unknownProducer";

    /// <summary>The event's content was erased while the run went on.</summary>
    public const string Erased = "erased";

    /// <summary>The producer did not respond in time (transient).</summary>
    public const string Timeout = "timeout";

    /// <summary>The producer is down or asks to come later: 408, 429, 5xx, no connection (transient).</summary>
    public const string ProducerUnavailable = "producerUnavailable";

    /// <summary>All reasons of this service. A dead letter has the one of Event Grid.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        Unpublishable, NoDataLocation, OutsideBaseUrl, AddressRefused, DataNotFound, AccessDenied, BadAnswer,
        InvalidContent, SchemaViolation, TooLarge, UnknownProducer, Erased, Timeout, ProducerUnavailable,
    ];
}
