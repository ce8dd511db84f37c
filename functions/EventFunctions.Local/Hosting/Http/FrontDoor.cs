using EventFunctions.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFunctions.Local.Hosting;

/// <summary>Leads people from the host's address to the dashboard, and programs to the contract.</summary>
internal static class FrontDoor
{
    private static readonly string[] Paths = ["/", "/api"];

    /// <summary>Maps the addresses.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    public static void MapFrontDoor(this IEndpointRouteBuilder endpoints)
    {
        foreach (var path in Paths)
        {
            endpoints.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], AnswerAsync);
        }
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect("/api/dashboard");
            return Task.CompletedTask;
        }

        return new JsonResponse(StatusCodes.Status200OK, static writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("contract"u8, "/api/openapi.json"u8);
            writer.WriteString("reference"u8, "/api/docs"u8);
            writer.WriteString("dashboard"u8, "/api/dashboard"u8);
            writer.WriteString("health"u8, "/api/health"u8);
            writer.WriteEndObject();
        }).ExecuteAsync(context);
    }
}
