using System.Globalization;
using System.Text.Json;
using EventFunctions.Consumption;
using EventFunctions.Events;
using EventFunctions.Preparation.Monitoring;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What the state of a producer looks like over HTTP.</summary>
internal static class ProducerStateAnswer
{
    /// <summary>The state.</summary>
    /// <param name="newest">The producer's newest event; null where it has none.</param>
    /// <param name="expectations">What is expected of it.</param>
    public static JsonAnswer Of(EventRecord? newest, IReadOnlyList<ExpectationState> expectations) => new(StatusCodes.Status200OK, writer =>
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
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, ExpectationState state)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, state.Expectation.Type);
        writer.WriteString("expectEvery"u8, state.Expectation.Every.ToString("c", CultureInfo.InvariantCulture));
        writer.WriteBoolean("expectPerEntity"u8, state.Expectation.PerEntity);
        if (state.LastRecordedAt is { } last)
        {
            writer.WriteString("lastRecordedAt"u8, UtcMilliseconds.Text(last));
        }

        writer.WriteStartArray("missing"u8);
        foreach (var missing in state.Missing)
        {
            writer.WriteStartObject();
            if (missing.Subject is not null)
            {
                writer.WriteString("subject"u8, missing.Subject);
            }

            writer.WriteString("expectedBy"u8, UtcMilliseconds.Text(missing.ExpectedBy));
            writer.WriteString("noticedAt"u8, UtcMilliseconds.Text(missing.NoticedAt));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("whole"u8, state.IsWhole);
        writer.WriteEndObject();
    }
}
