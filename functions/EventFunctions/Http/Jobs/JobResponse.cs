using System.Text.Json;
using EventFunctions.Jobs;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Jobs over HTTP.</summary>
internal static class JobResponse
{
    /// <summary>Returns the response for a job that was created.</summary>
    private static JsonResponse Accepted(EventJob job) =>
        new JsonResponse(StatusCodes.Status202Accepted, writer => Write(writer, job)) { Location = "/api/replays/" + job.Id };

    /// <summary>The result of starting a job, for the log of administration.</summary>
    public static ChangeResult Started(EventJob job) => new(Accepted(job)) { Job = job.Id };

    /// <summary>Returns the response with a job, or 404.</summary>
    public static IResult Of(EventJob? job) => job is null
        ? new Problem(StatusCodes.Status404NotFound, "There is no job with this ID. Finished jobs are kept for 90 days.")
        : new JsonResponse(StatusCodes.Status200OK, writer => Write(writer, job));

    /// <summary>The answer to a dry run.</summary>
    public static IResult Count((long Count, bool IsAtLeast) found) => new JsonResponse(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("dryRun"u8, true);
        writer.WriteNumber("count"u8, found.Count);
        writer.WriteBoolean("atLeast"u8, found.IsAtLeast);
        writer.WriteEndObject();
    });

    /// <summary>Writes a job as a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, EventJob job)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, job.Id);
        writer.WriteString("action"u8, JsonNamingPolicy.CamelCase.ConvertName(job.Action.ToString()));
        writer.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(job.State.ToString()));
        WriteFilter(writer, job.Filter, job.Webhook);
        writer.WriteNumber("rate"u8, job.Rate);
        writer.WriteNumber("matched"u8, job.Matched);
        writer.WriteNumber("started"u8, job.Started);
        writer.WriteNumber("skipped"u8, job.Skipped);
        writer.WriteNumber("failed"u8, job.Failed);
        WriteTime(writer, "createdAt"u8, job.CreatedAt);
        WriteOptional(writer, "startedBy"u8, job.StartedBy);
        WriteTime(writer, "startedAt"u8, job.StartedAt);
        WriteTime(writer, "finishedAt"u8, job.FinishedAt);
        WriteOptional(writer, "detail"u8, job.Detail);
        writer.WriteEndObject();
    }

    private static void WriteFilter(Utf8JsonWriter writer, EventFilter filter, string? webhook)
    {
        writer.WriteStartObject("filter"u8);
        writer.WriteStartArray("status"u8);
        foreach (var name in EventStatusName.All.Where(name => (filter.Status & EventStatusName.Parse(name)!.Value) != 0))
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        WriteOptional(writer, "source"u8, filter.Source);
        WriteOptional(writer, "type"u8, filter.Type);
        WriteOptional(writer, "subject"u8, filter.Subject);
        WriteOptional(writer, "producer"u8, filter.Producer);
        WriteOptional(writer, "reason"u8, filter.Reason);
        WriteOptional(writer, "entity"u8, filter.Entity?.Subject);
        WriteOptional(writer, "webhook"u8, webhook);
        if (filter.Dismissed is { } dismissed)
        {
            writer.WriteBoolean("dismissed"u8, dismissed);
        }

        WriteTime(writer, "from"u8, filter.From);
        WriteTime(writer, "to"u8, filter.To);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time) =>
        WriteOptional(writer, name, time is { } at ? UtcMilliseconds.Text(at) : null);
}
