using EventFunctions.Administration;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The outcome of an administrator's change, over HTTP.</summary>
internal static class EventChangeResponse
{
    /// <summary><c>202</c> with where the event stands now, <c>409</c> where the change does not fit, or <c>404</c>.</summary>
    /// <param name="change">What became of it.</param>
    /// <param name="conflict">What the event would have to be.</param>
    public static IResult Of(EventChange change, string conflict)
    {
        if (change is not { Record: { } record, Outcome: not PatchOutcome.NotFound })
        {
            return EventAddress.NotFound();
        }

        if (change.Outcome == PatchOutcome.NotApplied)
        {
            return new Problem(
                StatusCodes.Status409Conflict, record.Erased ? "The event's content was erased, so it cannot be replayed." : conflict)
            {
                Members = writer =>
                {
                    writer.WriteString("eventStatus"u8, EventStatusName.Of(record.Status));
                    writer.WriteNumber("run"u8, record.Run);
                },
            };
        }

        return new JsonResponse(StatusCodes.Status202Accepted, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, record.Key.Id);
            writer.WriteString("source"u8, record.Key.Source);
            writer.WriteString("status"u8, EventStatusName.Of(record.Status));
            writer.WriteNumber("run"u8, record.Run);
            writer.WriteBoolean("dismissed"u8, record.Dismissed);
            writer.WriteEndObject();
        })
        {
            Location = EventPath.ForRecord(record.Key),
        };
    }
}
