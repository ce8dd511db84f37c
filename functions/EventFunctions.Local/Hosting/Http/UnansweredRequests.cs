using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Explains responses to requests without an endpoint, or with a method that the endpoint lacks: routing sends those without a body.
/// </summary>
internal static class UnansweredRequests
{
    /// <summary>The step that goes before the endpoints.</summary>
    /// <param name="next">The endpoints.</param>
    // Routing ends such a request at once; to wait for the others would cost each of them.
    public static RequestDelegate Explain(RequestDelegate next) => context =>
    {
        var answered = next(context);
        return answered.IsCompletedSuccessfully
            && context.Response is { StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, ContentType: null, HasStarted: false }
            ? Answer(context.Response.StatusCode).ExecuteAsync(context)
            : answered;
    };

    private static EventFunctions.Http.Problem Answer(int status) => new(
        status,
        status == StatusCodes.Status404NotFound ? "Unknown path. See /api/docs for the paths of the API." : "Method not allowed. Use one of the methods in the header Allow.");
}
