using EventFunctions.Intake.Messages;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The response to a challenge over HTTP.</summary>
internal sealed class ChallengeResult(ChallengeResponse response) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (response.ContentType is null)
        {
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        httpContext.Response.ContentType = response.ContentType;
        httpContext.Response.ContentLength = response.Body.Length;
        return httpContext.Response.Body.WriteAsync(response.Body, httpContext.RequestAborted).AsTask();
    }
}
