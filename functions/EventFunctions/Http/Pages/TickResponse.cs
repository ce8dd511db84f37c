using EventFunctions.Ticks;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The results of a tick over HTTP.</summary>
internal static class TickResponse
{
    /// <summary>Returns the response with the result of each part.</summary>
    public static IResult Of(IReadOnlyList<TickResult> results) => new JsonResponse(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("parts"u8);
        foreach (var result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("part"u8, result.Part);
            writer.WriteString("result"u8, TickResult.NameOf(result.Outcome));
            writer.WriteNumber("durationMs"u8, (long)result.Duration.TotalMilliseconds);
            if (result.Detail is { } detail)
            {
                writer.WriteString("detail"u8, detail);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
