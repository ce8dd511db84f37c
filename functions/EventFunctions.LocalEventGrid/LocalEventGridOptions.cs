using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Local.EventGrid;

/// <summary>Settings of the local Event Grid.</summary>
public sealed record LocalEventGridOptions
{
    /// <summary>Topics and their subscriptions; those of <see cref="TopicsFile"/> come on top.</summary>
    public IReadOnlyList<TopicResource> Topics { get; set; } = [];

    /// <summary>
    /// A JSON file <c>{ "topics": [ … ] }</c> with the resource model's property names; comments and trailing commas are
    /// allowed. Null: none.
    /// </summary>
    public string? TopicsFile { get; set; }

    /// <summary>The folder that accepted events are kept in until they are delivered, in <c>eventgrid.db</c>.</summary>
    public string DataFolder { get; set; } = "eventgrid";

    /// <summary>Whether the service's own topic has the subscription that brings events through; without it they are only taken in.</summary>
    public bool Enrichment { get; set; } = true;

    /// <summary>The path before the topic's name: publishers post to <c>{PathPrefix}/{topic}/api/events</c>.</summary>
    public string PathPrefix { get; set; } = "/eventgrid";

    /// <summary>
    /// Whether <c>Authorization: Bearer</c> is accepted with any token. Off by default, because the token cannot be validated here.
    /// </summary>
    public bool AcceptBearerTokens { get; set; }

    /// <summary>
    /// Whether events pass between the topic and the functions of the same host without a request. Off, they are posted as to any other host.
    /// </summary>
    public bool InProcess { get; set; } = true;

    /// <summary>How many requests to one subscriber may be on their way at once.</summary>
    [Range(1, 10_000)]
    public int DeliveryConcurrency { get; set; } = 128;

    /// <summary>How many events of one subscription may be in memory; the others wait on disk.</summary>
    [Range(1, 1_000_000)]
    public int MaxEventsInMemory { get; set; } = 32_768;

    /// <summary>How many bytes of events of one subscription may be in memory, one event apart.</summary>
    [Range(1.0, 1e12)]
    public long MaxBytesInMemory { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long a subscriber may take to answer; the service waits 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait after each failed attempt; the last applies to all further ones. Empty: as the service does.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public IReadOnlyList<TimeSpan> RetryDelays { get; set; } = [];

    /// <summary>
    /// What all waiting of retries is multiplied with, those included that the service sets for certain answers (such as
    /// five minutes after a 404): less than 1 makes a test or a day of development faster.
    /// </summary>
    [Range(0.000001, 1000)]
    public double RetryScale { get; set; } = 1;

    /// <summary>How long a handshake that failed waits for the next.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan HandshakeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a dead letter waits before it is written; five minutes in the service.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DeadLetterDelay { get; set; } = TimeSpan.Zero;

    /// <summary>How long a dead letter waits after its container could not be written.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DeadLetterRetryInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder whose subfolders are dead-letter containers; null: <c>dead-letters</c> in <see cref="DataFolder"/>.</summary>
    public string? DeadLetterFolder { get; set; }

    /// <summary>The storage account (Azurite, for one) that has the dead-letter containers; takes the place of the folder.</summary>
    public string? DeadLetterConnectionString { get; set; }

    /// <summary>
    /// The topic, which takes CloudEvents, that hears of every blob with dead letters, as a storage account's system topic
    /// does; null: none.
    /// </summary>
    public string? BlobCreatedTopic { get; set; }
}
