using System.Text;
using EventFunctions.Webhooks;

namespace EventFunctions.Simulation.World;

/// <summary>The customers' endpoints.</summary>
internal sealed class SimulatedEndpoints(SimulatedWorld world)
{
    private static readonly int[] Errors = [500, 503, 429, 404];

    /// <summary>Takes a message, and answers.</summary>
    public (int? Status, string? Fault, TimeSpan? RetryAfter) Take(WebhookRequest request)
    {
        var chance = world.Faults.Chance;
        if (request.Url == Surroundings.Passing.Url && world.Faults.Strike(FaultKind.EndpointGone))
        {
            return (410, null, null);
        }

        if (!world.Faults.Strike(FaultKind.Endpoint))
        {
            world.Judge.Received(request);
            return (200, null, null);
        }

        if (chance.Happens(0.3))
        {
            // It has the message, and its answer is lost.
            world.Judge.Received(request);
            return (null, WebhookFault.Timeout, null);
        }

        var status = chance.Pick(Errors);
        return (status, null, status == 429 && chance.Happens(0.5) ? TimeSpan.FromSeconds(chance.Next(600)) : null);
    }
}

/// <summary>The endpoints as one instance reaches them.</summary>
internal sealed class SimulatedWebhookClient(SimulatedEndpoints endpoints, Network network, Instance caller) : IWebhookClient
{
    public async Task<EndpointResponse> SendAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var begin = caller.Clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(request.Timeout, caller.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var (status, fault, retryAfter) = await network.CallAsync(
                caller,
                "endpoint",
                "post",
                request.Url.Host + " " + request.Id,
                () => endpoints.Take(request),
                static one => one.Fault ?? one.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
                static message => new HttpRequestException(message),
                either.Token);

            // The answer repeats the event, as some frameworks' error pages do.
            return new EndpointResponse(status, fault, caller.Clock.GetElapsedTime(begin), status is null ? null : Encoding.UTF8.GetString(request.Body.Span), retryAfter);
        }
        catch (HttpRequestException)
        {
            return new EndpointResponse(null, WebhookFault.Connection, caller.Clock.GetElapsedTime(begin), null, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new EndpointResponse(null, WebhookFault.Timeout, caller.Clock.GetElapsedTime(begin), null, null);
        }
    }
}

/// <summary>What the registries ask of addresses and settings: everything is allowed.</summary>
internal sealed class OpenAddresses : EventFunctions.Producers.IDataAddresses, IWebhookAddresses, IEndpointSecrets
{
    public string? Refusal(Uri url) => null;

    public bool Has(string name) => true;
}
