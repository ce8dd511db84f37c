using EventFunctions.Jobs;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The job that a request asks for.</summary>
/// <param name="Action">What is done to each event.</param>
/// <param name="Filter">Which events.</param>
internal sealed record JobOrder(JobAction Action, EventFilter Filter)
{
    private static readonly string[] ReplayNames =
        ["status", "source", "type", "subject", "producer", "reason", "dismissed", "from", "to", "rate", "dryRun"];

    private static readonly string[] FailureNames = ["action", "producer", "type", "reason", "dismissed", "rate"];
    private static readonly string[] ErasureNames = ["source", "subject", "rate"];
    private static readonly string[] DeliveryNames = ["since", "until", "rate"];

    /// <summary>The events per second.</summary>
    public int Rate { get; private init; }

    /// <summary>The webhook to deliver to; null for other actions.</summary>
    public string? Webhook { get; private init; }

    /// <summary>Whether the events are only counted.</summary>
    public bool IsDryRun { get; private init; }

    /// <summary>Reads the body of a request to replay the events of a filter.</summary>
    public static Task<(JobOrder? Order, Problem? Problem)> ReadReplayAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JobRequest.ReadAsync(request, Replay, ReplayNames, cancellationToken);

    /// <summary>Reads the body of a request that replays, dismisses or restores a group of failures.</summary>
    public static Task<(JobOrder? Order, Problem? Problem)> ReadFailuresAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JobRequest.ReadAsync(request, Failures, FailureNames, cancellationToken);

    /// <summary>Reads the body of a request to erase an entity.</summary>
    public static Task<(JobOrder? Order, Problem? Problem)> ReadErasureAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JobRequest.ReadAsync(request, Erasure, ErasureNames, cancellationToken);

    /// <summary>Reads the body of a request to deliver missed events to a webhook.</summary>
    public static Task<(JobOrder? Order, Problem? Problem)> ReadDeliveryAsync(HttpRequest request, string webhook, CancellationToken cancellationToken) =>
        JobRequest.ReadAsync(request, body => Delivery(body, webhook), DeliveryNames, cancellationToken);

    /// <summary>Starts the job.</summary>
    /// <param name="start">Starts jobs.</param>
    /// <param name="who">The administrator.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public async Task<ChangeResult> StartAsync(JobStart start, string who, CancellationToken cancellationToken) =>
        JobResponse.Started(await start.StartAsync(Action, Filter, Rate, who, cancellationToken, Webhook));

    private static JobOrder Replay(JobRequest body)
    {
        var status = body.Statuses("status");
        var filter = new EventFilter
        {
            Status = status,
            Source = body.Text("source"),
            Type = body.Text("type"),
            Subject = body.Text("subject"),
            Producer = body.Text("producer"),
            Reason = body.Text("reason"),

            // A dismissed failure is replayed only if the request says so.
            Dismissed = body.Flag("dismissed") ?? ((status & EventStatus.Failure) != 0 ? false : null),
            From = body.Time("from"),
            To = body.Time("to"),
        };
        return new JobOrder(JobAction.Replay, filter) { Rate = body.Rate(), IsDryRun = body.Flag("dryRun") == true };
    }

    private static JobOrder Failures(JobRequest body)
    {
        var action = body.Action("action") ?? JobAction.Replay;
        var filter = new EventFilter
        {
            Status = EventStatus.Failure,
            Producer = body.Text("producer", required: true),
            Type = body.Text("type", required: true),
            Reason = body.Text("reason", required: true),
            Dismissed = body.Flag("dismissed") ?? action == JobAction.Restore,
        };
        return new JobOrder(action, filter) { Rate = body.Rate() };
    }

    private static JobOrder Erasure(JobRequest body)
    {
        var source = body.Text("source", required: true) ?? "";
        var subject = body.Text("subject", required: true) ?? "";
        var filter = new EventFilter
        {
            Status = EventStatus.Open | EventStatus.Final,
            Source = source,
            Entity = new EntityKey(source, subject),
        };
        return new JobOrder(JobAction.Erase, filter) { Rate = body.Rate() };
    }

    private static JobOrder Delivery(JobRequest body, string webhook)
    {
        var filter = new EventFilter { From = body.Time("since", required: true), To = body.Time("until") };
        return new JobOrder(JobAction.Deliver, filter) { Rate = body.Rate(), Webhook = webhook };
    }
}
