using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.Hosting;

/// <summary>Answers with <c>application/problem+json</c> (RFC 9457).</summary>
internal static class HostProblem
{
    /// <summary>
    /// Writes the response. If another response has begun, the connection is cut, so that the client does not take the partial response for
    /// a complete one.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What the caller may know about it.</param>
    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return new EventFunctions.Http.Problem(status, detail).ExecuteAsync(context);
    }
}
