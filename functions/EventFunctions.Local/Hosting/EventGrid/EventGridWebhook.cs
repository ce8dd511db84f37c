using System.Text.Json;
using Azure.Messaging;
using EventFunctions.Enrichment;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The endpoint to which Event Grid delivers, as the Functions host has it: <c>202</c> when the function ran for every
/// event of the request, <c>500</c> when it threw for one, and both validation handshakes.
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

    // Room for an event whose data is as deep as the intake allows, inside an event inside an array.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 128 };

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
            context.Response.Headers["WebHook-Allowed-Origin"] = context.Request.Headers["WebHook-Request-Origin"];
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
            using var body = await JsonDocument.ParseAsync(context.Request.Body, Json, context.RequestAborted);
            if (context.Request.Headers["aeg-event-type"] == "SubscriptionValidation")
            {
                await ValidateAsync(context, body.RootElement);
                return;
            }

            var completed = await RunAllAsync(function, body.RootElement, context.RequestAborted);
            if (!completed)
            {
                await HostProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, $"{function.Name} failed. See the host's log.");
                return;
            }

            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Event Grid has given up waiting and will deliver again.
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            await HostProblem.WriteAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            await HostProblem.WriteAsync(context, e.StatusCode, e.Message);
        }
    }

    private static Task ValidateAsync(HttpContext context, JsonElement events)
    {
        if (events.ValueKind == JsonValueKind.Array && events.GetArrayLength() == 1
            && events[0] is { ValueKind: JsonValueKind.Object } only && only.TryGetProperty("data"u8, out var data)
            && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("validationCode"u8, out var code) && code.ValueKind == JsonValueKind.String)
        {
            return TypedResults.Ok(new Dictionary<string, string?> { ["validationResponse"] = code.GetString() }).ExecuteAsync(context);
        }

        throw new FormatException("A validation request must be an array of one event with data.validationCode.");
    }

    private async Task<bool> RunAllAsync(EventGridFunction function, JsonElement body, CancellationToken cancellationToken)
    {
        if (body.ValueKind != JsonValueKind.Array)
        {
            return await RunAsync(function, [CloudEventReader.Read(body)], cancellationToken);
        }

        // All are read before one is run: a request that cannot be read changes nothing.
        var events = body.EnumerateArray().Select(CloudEventReader.Read).ToArray();
        if (function.IsBatched)
        {
            return await RunAsync(function, events, cancellationToken);
        }

        var failed = 0;
        await Parallel.ForEachAsync(
            events,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (one, cancellation) =>
            {
                if (!await RunAsync(function, [one], cancellation))
                {
                    Interlocked.Increment(ref failed);
                }
            });
        return failed == 0;
    }

    private async Task<bool> RunAsync(EventGridFunction function, CloudEvent[] delivered, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        using var counted = work.BeginEvents(delivered.Length);
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
            logger.LogError(
                e, "{Function} failed for event {Id} of {Source} and {More} more.", function.Name, delivered[0].Id, delivered[0].Source, delivered.Length - 1);
            return false;
        }
    }
}
