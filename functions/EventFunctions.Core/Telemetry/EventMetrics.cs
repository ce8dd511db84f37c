using System.Diagnostics.Metrics;
using EventFunctions.Records;

namespace EventFunctions.Telemetry;

/// <summary>
/// The service's instruments, on the meter <see cref="MeterName"/>; <c>docs/operate.md</c> lists them. Names, units and attributes
/// follow OpenTelemetry's semantic conventions.
/// </summary>
public sealed class EventMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "EventFunctions";

    /// <summary>How soon after its arrival an event is to be completed; one in a hundred may take longer.</summary>
    public static readonly TimeSpan CompletionObjective = TimeSpan.FromSeconds(60);

    // From what a machine takes to what a day off takes, in seconds.
    private static readonly double[] Waits = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

    // What the conventions advise for messaging.
    private static readonly double[] Calls = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30];

    private static readonly KeyValuePair<string, object?> EventGrid = new("messaging.system", "eventgrid");
    private static readonly KeyValuePair<string, object?> Sending = new("messaging.operation.name", "send");
    private static readonly KeyValuePair<string, object?> Enriching = new("messaging.operation.name", "enrich");

    // Recorded, not observed: an instance on which a timer runs no more must not go on telling what it saw last.
    private readonly Gauge<double> _backlogAge;
    private readonly Gauge<double> _webhookBacklogAge;
    private readonly Counter<long> _ticks;
    private readonly Counter<long> _posts;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _overQuota;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _sendDuration;
    private readonly Histogram<double> _processDuration;
    private readonly Histogram<double> _completionDuration;
    private readonly Histogram<double> _webhookDuration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">The host's meters.</param>
    public EventMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _backlogAge = meter.CreateGauge<double>(
            "eventfunctions.relay.backlog.age", "s", "Age of the oldest event that is due for the relay; 0 if none is due.");
        _webhookBacklogAge = meter.CreateGauge<double>(
            "eventfunctions.webhook.backlog.age", "s", "Age of the oldest webhook delivery whose queue message is missing; 0 if none is missing.");
        _posts = meter.CreateCounter<long>("eventfunctions.intake.requests", "{request}", "POSTs of events and messages.");
        _completed = meter.CreateCounter<long>("eventfunctions.events.completed", "{event}", "Events that were completed in their first run.");
        _ticks = meter.CreateCounter<long>("eventfunctions.tick.runs", "{run}", "Runs of the tick's parts.");
        _failed = meter.CreateCounter<long>("eventfunctions.enrichments.failed", "{event}", "Events that failed permanently.");
        _accepted = meter.CreateCounter<long>("eventfunctions.events.accepted", "{event}", "New events that were recorded.");
        _duplicates = meter.CreateCounter<long>("eventfunctions.events.duplicates", "{event}", "Repeats of recorded events.");
        _refused = meter.CreateCounter<long>("eventfunctions.events.refused", "{event}", "Refused events, and refused requests that have no readable event.");
        _overQuota = meter.CreateCounter<long>("eventfunctions.quota.exceeded", "{event}", "Events that were refused because of their producer's quota.");
        _sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events sent to the topic, accepted or not.");
        _sendDuration = Durations(meter, "messaging.client.operation.duration", "Duration of a request to the topic.", Calls);
        _processDuration = Durations(meter, "messaging.process.duration", "Duration of an enrichment attempt.", Calls);
        _completionDuration = Durations(meter, "eventfunctions.event.completion.duration", "Time from an event's arrival to its completion.", Waits);
        _webhookDuration = Durations(meter, "eventfunctions.webhook.delivery.duration", "Duration of a delivery attempt to a webhook.", Calls);
    }

    /// <summary>Records a relay's search for due events.</summary>
    /// <param name="age">How long the event that has waited longest has been due.</param>
    public void RelayFound(TimeSpan age) => _backlogAge.Record(age.TotalSeconds);

    /// <summary>The timer of the webhooks has looked for deliveries whose messages do not come.</summary>
    /// <param name="age">How long the one that is missing longest has been missing.</param>
    public void WebhooksFound(TimeSpan age) => _webhookBacklogAge.Record(age.TotalSeconds);

    /// <summary>Counts a run of a part of the tick.</summary>
    /// <param name="part">The part's name.</param>
    /// <param name="result">The outcome, as <c>completed</c>.</param>
    public void TickRan(string part, string result) =>
        _ticks.Add(1, new("part", part), new KeyValuePair<string, object?>("result", result));

    /// <summary>An event failed for good.</summary>
    /// <param name="reason">One of <see cref="FailureReason"/>.</param>
    public void Failed(string reason) => _failed.Add(1, Reason(reason));

    /// <summary>A new event was recorded.</summary>
    /// <param name="producer">Whose it is.</param>
    /// <param name="status">What became of it: recorded or filtered.</param>
    public void Accepted(string producer, EventStatus status) => _accepted.Add(
        1, new("producer", producer), new KeyValuePair<string, object?>("status", status == EventStatus.Filtered ? "filtered" : "recorded"));

    /// <summary>A recorded event came again.</summary>
    /// <param name="producer">Whose it is.</param>
    public void Repeated(string producer) => _duplicates.Add(1, new KeyValuePair<string, object?>("producer", producer));

    /// <summary>Records the refusal of an event, or of a request without a readable one.</summary>
    /// <param name="reason">A short name that groups alike.</param>
    /// <param name="events">How many.</param>
    public void Refused(string reason, int events = 1) => _refused.Add(events, Reason(reason));

    /// <summary>Counts the events of a request that is refused for a producer's quota.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="events">How many events the request has.</param>
    public void QuotaExceeded(string producer, int events) => _overQuota.Add(events, new KeyValuePair<string, object?>("producer", producer));

    /// <summary>A request with events went to the topic.</summary>
    /// <param name="events">How many.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="errorType">Why they were not taken; null where they were.</param>
    public void Sent(int events, TimeSpan duration, string? errorType)
    {
        if (errorType is null)
        {
            _sent.Add(events, EventGrid, Sending);
            _sendDuration.Record(duration.TotalSeconds, EventGrid, Sending);
        }
        else
        {
            _sent.Add(events, EventGrid, Sending, Error(errorType));
            _sendDuration.Record(duration.TotalSeconds, EventGrid, Sending, Error(errorType));
        }
    }

    /// <summary>Records a finished enrichment attempt.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="result">What came of it, as <c>completed</c>.</param>
    /// <param name="errorType">Why it did not succeed; null where it did.</param>
    public void Enriched(TimeSpan duration, string result, string? errorType = null)
    {
        var outcome = new KeyValuePair<string, object?>("result", result);
        if (errorType is null)
        {
            _processDuration.Record(duration.TotalSeconds, EventGrid, Enriching, outcome);
        }
        else
        {
            _processDuration.Record(duration.TotalSeconds, [EventGrid, Enriching, outcome, Error(errorType)]);
        }
    }

    /// <summary>An event was completed in the run that its arrival began.</summary>
    /// <param name="sinceArrival">How long after it was recorded.</param>
    public void Completed(TimeSpan sinceArrival)
    {
        _completionDuration.Record(sinceArrival.TotalSeconds);
        _completed.Add(1, new KeyValuePair<string, object?>("in_time", sinceArrival <= CompletionObjective ? "true" : "false"));
    }

    /// <summary>Counts a POST of events or messages.</summary>
    /// <param name="isAnswered">Whether the service gave its answer, be it a refusal: not if it failed or could not answer in time.</param>
    public void Posted(bool isAnswered) => _posts.Add(1, new KeyValuePair<string, object?>("result", isAnswered ? "answered" : "failed"));

    /// <summary>Records a finished attempt to deliver an event to a webhook.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="result">What came of it: <c>delivered</c>, or why it did not get through, as a short name that groups alike.</param>
    public void WebhookAttempted(TimeSpan duration, string result) =>
        _webhookDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("result", result));

    private static Histogram<double> Durations(Meter meter, string name, string description, double[] boundaries) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);

    private static KeyValuePair<string, object?> Error(string type) => new("error.type", type);
}
