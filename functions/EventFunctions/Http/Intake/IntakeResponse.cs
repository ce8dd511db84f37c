using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What intake's results look like over HTTP.</summary>
internal static class IntakeResponse
{
    /// <summary>The answer to a request whose events were recorded or refused.</summary>
    /// <param name="result">What became of the events.</param>
    /// <param name="isBatch">Whether the answer is an array, too.</param>
    /// <param name="place">Where in the request a pointer into the event leads; null where the request is the event.</param>
    /// <param name="accepted">The status of the response if all events are durable.</param>
    /// <param name="conflict">What an event means whose ID is known and whose content is not; null for the meaning that it has for producers.</param>
    public static IResult From(
        IntakeResult result, bool isBatch, Func<string, string>? place = null, int accepted = StatusCodes.Status202Accepted, string? conflict = null)
    {
        if (result.Excess is { } excess)
        {
            return QuotaProblem.Of(excess);
        }

        if (result.Refusals.Count > 0)
        {
            return Placed(Refused(result.Refusals, isBatch), place);
        }

        if (result.Outcomes.Any(outcome => outcome.Verdict == IntakeVerdict.Conflict))
        {
            return Placed(Conflict(result.Outcomes, isBatch, conflict ?? NewContent), place);
        }

        if (accepted == StatusCodes.Status204NoContent)
        {
            return Results.NoContent();
        }

        return isBatch
            ? new JsonResponse(accepted, writer => WriteItems(writer, result.Outcomes))
            : new JsonResponse(accepted, writer => WriteItem(writer, result.Outcomes[0]))
            {
                Location = EventPath.ForRecord(result.Outcomes[0].Key),
            };
    }

    private static Problem Placed(Problem problem, Func<string, string>? place) =>
        place is null ? problem : problem.WithErrors([.. problem.Errors.Select(error => error with { Pointer = place(error.Pointer) })]);

    private static Problem Refused(IReadOnlyList<IntakeRefusal> refusals, bool isBatch)
    {
        var first = refusals.Min(refusal => refusal.Reason);
        var (status, detail) = first switch
        {
            RefusalReason.KeyNotForSource => (StatusCodes.Status403Forbidden, FirstDetail(RefusalReason.KeyNotForSource)),
            RefusalReason.KeyMissing => (StatusCodes.Status401Unauthorized, FirstDetail(RefusalReason.KeyMissing)),
            RefusalReason.UnknownSource => (StatusCodes.Status403Forbidden, FirstDetail(RefusalReason.UnknownSource)),
            RefusalReason.CallerNotAllowed => (StatusCodes.Status403Forbidden, FirstDetail(RefusalReason.CallerNotAllowed)),
            RefusalReason.TypeNotAllowed => (StatusCodes.Status400BadRequest, FirstDetail(RefusalReason.TypeNotAllowed)),
            RefusalReason.SchemaViolation when refusals.FirstOrDefault(refusal => refusal.ExceededBudget) is { } costly =>
                (StatusCodes.Status400BadRequest, costly.Detail + " Nothing was recorded."),
            RefusalReason.SchemaViolation => (StatusCodes.Status400BadRequest, "The data does not match its type's schema. Nothing was recorded."),
            RefusalReason.DataReference => (StatusCodes.Status400BadRequest, FirstDetail(RefusalReason.DataReference)),
            _ => (StatusCodes.Status413PayloadTooLarge, FirstDetail(RefusalReason.TooLarge)),
        };
        return new Problem(status, detail)
        {
            Errors = [.. refusals.Select(refusal => new EventError(Pointer(refusal.Index, refusal.Attribute, isBatch), refusal.Detail))],
            Headers = status == StatusCodes.Status401Unauthorized ? ProducerAccess.Challenge : [],
            Members = writer => writer.WriteString("reason"u8, RefusalReasonName.Of(first)),
        };

        string FirstDetail(RefusalReason reason) => refusals.First(refusal => refusal.Reason == reason).Detail + " Nothing was recorded.";
    }

    private const string NewContent = "An event with this source and id exists, and its content differs. Use a new id for a new event.";

    private static Problem Conflict(IReadOnlyList<IntakeOutcome> outcomes, bool isBatch, string detail) =>
        new(StatusCodes.Status409Conflict, isBatch ? "Some events conflict with recorded ones; the others, listed in items, are recorded." : detail)
        {
            Errors = [.. outcomes.Index()
                .Where(pair => pair.Item.Verdict == IntakeVerdict.Conflict)
                .Select(pair => new EventError(Pointer(pair.Index, "id", isBatch), detail))],
            Members = !isBatch ? null : writer =>
            {
                writer.WritePropertyName("items"u8);
                WriteItems(writer, outcomes.Where(outcome => outcome.Verdict != IntakeVerdict.Conflict));
            },
        };

    private static string Pointer(int index, string? attribute, bool isBatch) =>
        string.Create(CultureInfo.InvariantCulture, $"#{(isBatch ? $"/{index}" : "")}{(attribute is null ? "" : $"/{attribute}")}");

    private static void WriteItems(Utf8JsonWriter writer, IEnumerable<IntakeOutcome> outcomes)
    {
        writer.WriteStartArray();
        foreach (var outcome in outcomes)
        {
            WriteItem(writer, outcome);
        }

        writer.WriteEndArray();
    }

    private static void WriteItem(Utf8JsonWriter writer, IntakeOutcome outcome)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, outcome.Key.Id);
        writer.WriteString("source"u8, outcome.Key.Source);
        writer.WriteString("status"u8, EventStatusName.Of(outcome.Status));
        writer.WriteBoolean("duplicate"u8, outcome.Verdict == IntakeVerdict.Duplicate);
        writer.WriteEndObject();
    }
}
