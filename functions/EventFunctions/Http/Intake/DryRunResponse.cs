using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What a dry run tells: an object for one event, <c>items</c> for a batch.</summary>
internal static class DryRunResponse
{
    /// <summary>What would happen to the events of a request.</summary>
    /// <param name="results">What would happen to each.</param>
    /// <param name="isBatch">Whether they came as a batch.</param>
    public static JsonResponse Of(IReadOnlyList<DryRunResult> results, bool isBatch) => new(StatusCodes.Status200OK, writer =>
    {
        if (!isBatch)
        {
            Write(writer, results[0], place => "#" + place);
            return;
        }

        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var (index, result) in results.Index())
        {
            Write(writer, result, place => $"#/{index}{place}");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Events that intake would not even read.</summary>
    /// <param name="errors">What is wrong with them.</param>
    public static JsonResponse Of(IReadOnlyList<EventError> errors) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("accepted"u8, false);
        WriteErrors(writer, errors);
        writer.WriteEndObject();
    });

    /// <summary>A message that means no event.</summary>
    /// <param name="notVerified">Why it is not the producer's own; null where it is.</param>
    /// <param name="reading">What is wrong with it.</param>
    public static JsonResponse Of(string? notVerified, MessageReading reading) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        WriteVerification(writer, notVerified);
        writer.WriteBoolean("accepted"u8, false);
        WriteErrors(writer, reading.Errors, reading.HeaderErrors);
        writer.WriteEndObject();
    });

    /// <summary>What would happen to the events that a message means.</summary>
    /// <param name="notVerified">Why the message is not the producer's own; null where it is.</param>
    /// <param name="results">What would happen to each otherwise.</param>
    /// <param name="mapping">Where in the message the sender finds what is at fault.</param>
    public static JsonResponse Of(string? notVerified, IReadOnlyList<MessageDryRun> results, MessageMapping mapping) => new(StatusCodes.Status200OK, writer =>
    {
        var places = new MessagePlaces(mapping);
        if (mapping.Each is null)
        {
            Write(writer, results[0], notVerified, writesVerification: true, place => places.InMessage("#" + place));
            return;
        }

        writer.WriteStartObject();
        WriteVerification(writer, notVerified);
        writer.WriteBoolean("accepted"u8, notVerified is null && results.All(result => result.Result.Refusals.Count == 0));
        writer.WriteStartArray("items"u8);
        foreach (var (index, result) in results.Index())
        {
            Write(writer, result, notVerified, writesVerification: false, place => places.InMessage($"#/{index}{place}"));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, MessageDryRun message, string? notVerified, bool writesVerification, Func<string, string> placeOf) =>
        Write(writer, message.Result, placeOf, () =>
        {
            if (writesVerification)
            {
                WriteVerification(writer, notVerified);
            }

            writer.WritePropertyName("event"u8);
            writer.WriteRawValue(EventEncoder.Encode(message.Result.Event, run: 0).Span, skipInputValidation: true);
            if (message.Warnings.Count > 0)
            {
                writer.WriteStartArray("warnings"u8);
                foreach (var warning in message.Warnings)
                {
                    writer.WriteStringValue(warning);
                }

                writer.WriteEndArray();
            }
        }, notVerified is null);

    private static void WriteVerification(Utf8JsonWriter writer, string? notVerified)
    {
        writer.WriteBoolean("verified"u8, notVerified is null);
        if (notVerified is not null)
        {
            writer.WriteString("notVerified"u8, notVerified);
        }
    }

    private static void Write(Utf8JsonWriter writer, DryRunResult result, Func<string, string> placeOf, Action? writeMore = null, bool isVerified = true)
    {
        writer.WriteStartObject();
        writeMore?.Invoke();
        writer.WriteString("id"u8, result.Event.Id);
        writer.WriteString("source"u8, result.Event.Source);
        writer.WriteString("type"u8, result.Event.Type);
        writer.WriteBoolean("accepted"u8, isVerified && result.Refusals.Count == 0);
        WriteErrors(writer, [.. result.Refusals.Select(refusal => new EventError(placeOf(refusal.Attribute is null ? "" : "/" + refusal.Attribute), refusal.Detail))]);
        WriteEntity(writer, result.Prepared.Entity, result.Prepared.NoEntity);
        if (result.Refusals.Count == 0)
        {
            WriteRule(writer, "published", result.Prepared.WouldPublish, result.Prepared.FilteredBy);
            WriteRule(writer, "enriched", result.Prepared.WouldEnrich, result.Prepared.FilteredBy ?? result.Prepared.NotEnrichedBy);
            WriteData(writer, result);
        }

        writer.WriteEndObject();
    }

    private static void WriteErrors(Utf8JsonWriter writer, IReadOnlyList<EventError> errors, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        if (errors.Count == 0 && headers is not { Count: > 0 })
        {
            return;
        }

        writer.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            writer.WriteStartObject();
            writer.WriteString("pointer"u8, error.Pointer);
            writer.WriteString("detail"u8, error.Detail);
            writer.WriteEndObject();
        }

        foreach (var (name, detail) in headers ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("parameter"u8, name);
            writer.WriteString("detail"u8, detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteEntity(Utf8JsonWriter writer, EntityKey? entity, string? why)
    {
        if (entity is not { } key && why is null)
        {
            return;
        }

        writer.WriteStartObject("entity"u8);
        if (entity is { } found)
        {
            writer.WriteString("id"u8, found.Id);
            writer.WriteString("source"u8, found.Source);
            writer.WriteString("subject"u8, found.Subject);
        }
        else
        {
            writer.WriteString("missing"u8, why);
        }

        writer.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter writer, string name, bool passes, string? rule)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("passes"u8, passes);
        if (rule is not null)
        {
            writer.WriteString("rule"u8, rule);
        }

        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, DryRunResult result)
    {
        if (!result.Prepared.WouldEnrich || result.Refusals.Count > 0)
        {
            return;
        }

        writer.WriteStartObject("data"u8);
        if (result.DataUrl is { } url)
        {
            writer.WriteString("url"u8, url.AbsoluteUri);
        }
        else
        {
            writer.WriteBoolean("own"u8, true);
        }

        writer.WriteEndObject();
    }
}
