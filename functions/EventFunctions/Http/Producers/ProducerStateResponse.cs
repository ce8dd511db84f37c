using System.Globalization;
using System.Text.Json;
using EventFunctions.Intake.Feeds;
using EventFunctions.Monitoring;
using EventFunctions.Queries;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What the state of a producer looks like over HTTP.</summary>
internal static class ProducerStateResponse
{
    /// <summary>The state.</summary>
    /// <param name="newest">The producer's newest event; null where it has none.</param>
    /// <param name="expectations">What is expected of it.</param>
    /// <param name="feed">How the reading of its feed goes; null where it has none.</param>
    public static JsonResponse Of(EventRecord? newest, IReadOnlyList<ExpectationState> expectations, FeedProgress? feed) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        if (newest is not null)
        {
            writer.WritePropertyName("newest"u8);
            EventRecordJson.Write(writer, newest, withData: false);
        }

        writer.WriteStartArray("expectations"u8);
        foreach (var state in expectations)
        {
            Write(writer, state);
        }

        writer.WriteEndArray();
        if (feed is not null)
        {
            Write(writer, feed);
        }

        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, FeedProgress feed)
    {
        writer.WriteStartObject("feed"u8);
        WriteOptional(writer, "lastEventId", feed.LastEventId);
        WriteOptional(writer, "readAt", feed.ReadAt is { } readAt ? UtcMilliseconds.Text(readAt) : null);
        writer.WriteBoolean("hasMore"u8, feed.HasMore);
        writer.WriteNumber("failures"u8, feed.Failures);
        WriteOptional(writer, "error", feed.Error);
        WriteOptional(writer, "retryAt", feed.RetryAt is { } retryAt ? UtcMilliseconds.Text(retryAt) : null);
        WriteOptional(writer, "pausedUntil", feed.PausedUntil is { } until ? UtcMilliseconds.Text(until) : null);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Write(Utf8JsonWriter writer, ExpectationState state)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, state.Expectation.Type);
        writer.WriteString("expectEvery"u8, state.Expectation.Every.ToString("c", CultureInfo.InvariantCulture));
        writer.WriteBoolean("expectPerEntity"u8, state.Expectation.PerEntity);
        WriteOptional(writer, "lastRecordedAt", state.LastRecordedAt is { } last ? UtcMilliseconds.Text(last) : null);
        writer.WriteStartArray("missing"u8);
        foreach (var missing in state.Missing)
        {
            writer.WriteStartObject();
            WriteOptional(writer, "source", missing.Entity?.Source);
            WriteOptional(writer, "subject", missing.Entity?.Subject);
            writer.WriteString("expectedBy"u8, UtcMilliseconds.Text(missing.ExpectedBy));
            writer.WriteString("noticedAt"u8, UtcMilliseconds.Text(missing.NoticedAt));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("whole"u8, state.IsWhole);
        writer.WriteEndObject();
    }
}
