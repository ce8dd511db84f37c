using System.Text.Json;
using EventFunctions.Enrichment;
using EventFunctions.Http;
using EventFunctions.Local.EventGrid;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The endpoint to which Event Grid delivers. It is as strict as that of the Functions host: <c>202</c> if the function ran for every event
/// of the request, <c>500</c> if an event cannot be read or the function threw, and both validation handshakes.
/// </summary>
/// <param name="functions">The functions.</param>
/// <param name="keys">The key that opens the endpoint.</param>
/// <param name="refusals">Counts wrong keys.</param>
/// <param name="services">Where functions come from.</param>
/// <param name="work">Counts the events.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class EventGridWebhook(
    FunctionCatalog functions, FunctionKeys keys, KeyRefusals refusals, IServiceScopeFactory services, WorkInProgress work, ILogger<EventGridWebhook> logger)
{
    /// <summary>The endpoint's path; the query <c>functionName</c> names the function.</summary>
    public const string Path = "/runtime/webhooks/EventGrid";

    // A delivery may hold thousands of events; each may hold a connection to a producer.
    private const int MaxConcurrency = 64;

    // Event Grid's own name, whatever the request says.
    private const string Origin = "eventgrid.azure.net";

    private const string EventType = "aeg-event-type";

    /// <summary>Returns what runs the function that an address names, without a request; null if the webhook would refuse the address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="self">This host's own URL, ending in a slash.</param>
    public OwnEndpoint? Find(Uri address, Uri self)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        return address.GetLeftPart(UriPartial.Path) == new Uri(self, Path).AbsoluteUri
            && keys.AdmitEventGrid(query["code"].ToString())
            && functions.EventGrid.TryGetValue(query["functionName"].ToString(), out var function)
            ? (events, cancellationToken) => RunAsync(function, events, cancellationToken)
            : null;
    }

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    public async Task RespondAsync(HttpContext context)
    {
        var name = context.Request.Query["functionName"].ToString();
        if (!keys.AdmitEventGrid(context.Request))
        {
            var usual = new EventFunctions.Http.Problem(
                StatusCodes.Status401Unauthorized,
                $"The webhook's key is {(FunctionKeys.IsShown(context.Request) ? "wrong" : "missing")}. Send it in ?code=. For an Event Grid on another machine, set {FunctionKeys.EventGridSetting}.");
            await refusals.Answer(context.Request, "Event Grid key", FunctionKeys.IsShown(context.Request), usual).ExecuteAsync(context);
        }
        else if (!functions.EventGrid.TryGetValue(name, out var function))
        {
            await HostProblem.WriteAsync(
                context,
                StatusCodes.Status404NotFound,
                name.Length == 0 ? "functionName is missing. Name the function to run." : $"No function named \"{name}\" receives events. Correct functionName.");
        }
        else if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.Headers["WebHook-Allowed-Origin"] = Origin;
        }
        else
        {
            await RespondToPostAsync(context, function);
        }
    }

    private async Task RespondToPostAsync(HttpContext context, EventGridFunction function)
    {
        try
        {
            var eventType = context.Request.Headers[EventType].FirstOrDefault();
            switch (eventType?.ToUpperInvariant())
            {
                case "NOTIFICATION":
                    await DeliverAsync(context, function);
                    break;
                case "SUBSCRIPTIONVALIDATION":
                    await ValidateAsync(context);
                    break;
                case "UNSUBSCRIBE":
                    context.Response.StatusCode = StatusCodes.Status202Accepted;
                    break;
                default:
                    await HostProblem.WriteAsync(
                        context,
                        StatusCodes.Status400BadRequest,
                        eventType is null
                            ? $"The header {EventType} is missing. Send \"{EventType}: Notification\"."
                            : $"{EventType} is \"{eventType}\", but must be Notification, SubscriptionValidation or Unsubscribe.");
                    break;
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Event Grid has given up waiting and will deliver again.
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            logger.LogError("{Function} cannot read the request: {Reason}", function.Name, e.Message);
            await HostProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, $"The request cannot be read: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            await HostProblem.WriteAsync(context, e.StatusCode, e.Message);
        }
    }

    private async Task DeliverAsync(HttpContext context, EventGridFunction function)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (await RunAllAsync(function, ReceivedEvent.ReadAll(body.RootElement), context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        await HostProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, $"{function.Name} failed. See the host's log.");
    }

    private static async Task ValidateAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var events = body.RootElement;
        if (events.ValueKind == JsonValueKind.Array && events.GetArrayLength() > 0
            && events[0] is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty("data"u8, out var data)
            && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("validationCode"u8, out var code))
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                JsonSerializer.Serialize(new Dictionary<string, string> { ["validationResponse"] = code.ToString() }), context.RequestAborted);
            return;
        }

        throw new FormatException("A validation request must be an array of one event with data.validationCode.");
    }

    private async Task<int> RunAsync(EventGridFunction function, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken) =>
        await RunAllAsync(function, [.. events.Select(one => ReceivedEvent.Read(one.Span))], cancellationToken)
            ? StatusCodes.Status202Accepted
            : StatusCodes.Status500InternalServerError;

    private async Task<bool> RunAllAsync(EventGridFunction function, ReceivedEvent[] events, CancellationToken cancellationToken)
    {
        if (events is [var single])
        {
            return await RunAsync(function, single, cancellationToken);
        }

        var failed = 0;
        await Parallel.ForEachAsync(
            events,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (one, cancellation) =>
            {
                if (!await RunAsync(function, one, cancellation))
                {
                    Interlocked.Increment(ref failed);
                }
            });
        return failed == 0;
    }

    private async Task<bool> RunAsync(EventGridFunction function, ReceivedEvent received, CancellationToken cancellationToken)
    {
        if (received.Event is not { } delivered)
        {
            logger.LogError("{Function} cannot read event {Id}: it is not a CloudEvent 1.0.", function.Name, received.Id);
            return false;
        }

        await using var scope = services.CreateAsyncScope();
        using var counted = work.BeginEvents(1);
        try
        {
            await function.Invoke(function.Instance(scope.ServiceProvider), delivered, cancellationToken);
            return true;
        }
        catch (EnrichmentIncompleteException)
        {
            // The enrichment logs it once per cause.
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "{Function} failed for event {Id} of {Source}.", function.Name, delivered.Id, delivered.Source);
            return false;
        }
    }
}
