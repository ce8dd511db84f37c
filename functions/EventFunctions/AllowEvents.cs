using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Agrees to be sent events: the validation handshake of CloudEvents' Web Hooks for Event Delivery (§4).</summary>
public sealed class AllowEvents
{
    /// <summary>Grants the origin that asks, at any rate; whether it may really send, its key decides.</summary>
    // OPTIONS http://localhost:7071/api/events
    [Function(nameof(AllowEvents))]
    public Task<IResult> RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "events")] HttpRequest request) =>
        Task.FromResult<IResult>(WebHookHandshake.Respond(request));
}
