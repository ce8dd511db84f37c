using System.Diagnostics.CodeAnalysis;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Failures in groups, over HTTP.</summary>
internal static class FailuresResponse
{
    /// <summary>Reads whether dismissed failures are asked for.</summary>
    public static bool TryReadDismissed(IQueryCollection query, out bool dismissed, [NotNullWhen(false)] out Problem? problem)
    {
        var given = query["dismissed"];
        dismissed = given is ["true"];
        problem = given.Count == 0 || given is ["true"] or ["false"]
            ? null
            : new Problem(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = [new("dismissed", "Must be true or false.")] };
        return problem is null;
    }

    /// <summary>Writes the groups; <c>complete</c> is false where not every failure was counted.</summary>
    public static IResult Of(FailureSummary summary) => new JsonResponse(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var group in summary.Groups)
        {
            writer.WriteStartObject();
            writer.WriteString("producer"u8, group.Producer);
            writer.WriteString("type"u8, group.Type);
            writer.WriteString("reason"u8, group.Reason);
            writer.WriteNumber("count"u8, group.Count);
            writer.WriteNumber("failedAgain"u8, group.FailedAgain);
            writer.WriteString("first"u8, UtcMilliseconds.Text(group.First));
            writer.WriteString("last"u8, UtcMilliseconds.Text(group.Last));
            writer.WriteStartArray("samples"u8);
            foreach (var sample in group.Samples)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, sample.Id);
                writer.WriteString("source"u8, sample.Source);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("complete"u8, summary.IsComplete);
        writer.WriteEndObject();
    });
}
