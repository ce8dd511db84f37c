using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>Runs an HTTP function for requests.</summary>
/// <param name="function">The function.</param>
/// <param name="keys">The keys that open it.</param>
/// <param name="refusals">Counts wrong keys.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class HttpFunctionEndpoint(HttpFunction function, FunctionKeys keys, KeyRefusals refusals, ILogger logger)
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    public async Task RespondAsync(HttpContext context)
    {
        if (function.Level != AuthorizationLevel.Anonymous && context.Features.Get<SignedInAdministrator>() is null && !keys.Admit(context.Request, function.Name))
        {
            if (CrossSiteCheck.OpenToOrigins.Contains(function.Name))
            {
                // Without it, the page sees a network error instead of the 401.
                context.RequestServices.GetService<AllowedOrigins>()?.Allow(context.Request);
            }

            var isShown = FunctionKeys.IsShown(context.Request);
            var usual = new EventFunctions.Http.Problem(
                StatusCodes.Status401Unauthorized,
                isShown
                    ? $"The function key is wrong. Keys are the settings {FunctionKeys.HostSetting} and {FunctionKeys.FunctionsSection}:{function.Name}."
                    : "The function key is missing. Send it in x-functions-key or ?code=.");
            await refusals.Answer(context.Request, "function key", isShown, usual).ExecuteAsync(context);
            return;
        }

        try
        {
            var result = await function.Invoke(function.Instance(context.RequestServices), context);
            await result.ExecuteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: whatever went wrong, there is nobody to tell and nothing to mend.
        }
        catch (BadHttpRequestException e)
        {
            await HostProblem.WriteAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e)
        {
            logger.LogError(e, "{Function} failed.", function.Name);
            await HostProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, "The function failed. See the host's log.");
        }
    }
}
