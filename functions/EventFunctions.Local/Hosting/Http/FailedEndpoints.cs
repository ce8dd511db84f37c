using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>Responds for an endpoint that throws: the server's own response has neither a body nor the headers of every response.</summary>
internal static class FailedEndpoints
{
    /// <summary>Returns the step that goes before the endpoints. Functions respond for themselves (<see cref="HttpFunctionEndpoint"/>).</summary>
    /// <param name="logger">Gets the failures.</param>
    public static Func<RequestDelegate, RequestDelegate> Explain(ILogger logger) => next => context =>
        context.GetEndpoint()?.Metadata.GetMetadata<HttpFunction>() is null ? RunAsync(next, context, logger) : next(context);

    private static async Task RunAsync(RequestDelegate next, HttpContext context, ILogger logger)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // No caller waits for a response.
        }
        catch (BadHttpRequestException e)
        {
            await HostProblem.WriteAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e)
        {
            logger.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            await HostProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, "The request failed. See the host's log.");
        }
    }
}
