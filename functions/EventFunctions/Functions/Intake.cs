using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Telemetry;
using EventFunctions.Ticks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Accepts what producers send.</summary>
public sealed class Intake(ProducerAccess access, EventReception events, MessageReception messages, OverdueTick overdue, EventMetrics metrics)
{
    /// <summary>Accepts one event or a batch, in any content mode of CloudEvents or as plain JSON. Responds when every event is durable.</summary>
    // POST http://localhost:7071/api/events
    [Function(nameof(ReceiveEvents))]
    public async Task<IResult> ReceiveEvents(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events")] HttpRequest request, CancellationToken cancellationToken) =>
        EventGridReception.Retryable(
            request, await SendAsync(request, keyOf => events.ReceiveAsync(request, keyOf, cancellationToken), cancellationToken));

    /// <summary>
    /// Accepts a message of a producer that does not speak CloudEvents. Responds when its event is durable. No key opens this
    /// call: the message itself shows whose it is, and a producer without a verification cannot send.
    /// </summary>
    // POST http://localhost:7071/api/producers/policies/events
    [Function(nameof(ReceiveMessages))]
    public Task<IResult> ReceiveMessages(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "producers/{name}/events")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        SendAsync(request, keyOf => messages.ReceiveAsync(request, name, keyOf, cancellationToken), cancellationToken);

    /// <summary>Responds to senders that ask by GET whether the receiver is their own. Nothing is recorded.</summary>
    // GET http://localhost:7071/api/producers/meta/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=…
    [Function(nameof(ConfirmReceiver))]
    public Task<IResult> ConfirmReceiver(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "producers/{name}/events")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        access.SendAsync(request, _ => messages.ConfirmAsync(request, name, cancellationToken), cancellationToken);

    private async Task<IResult> SendAsync(HttpRequest request, Func<Producer?, Task<IResult>> receive, CancellationToken cancellationToken)
    {
        overdue.Check();
        try
        {
            var response = await access.SendAsync(request, receive, cancellationToken);
            metrics.Posted(isAnswered: response is not Problem { Status: >= StatusCodes.Status500InternalServerError });
            return response;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Posted(isAnswered: false);
            throw;
        }
    }
}
