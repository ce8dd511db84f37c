using System.Text.Json;
using EventFunctions.Administration;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What the registry looks like over HTTP.</summary>
internal static class ProducerResponse
{
    /// <summary>Returns a producer of the settings: without an entity tag, because it cannot be changed here.</summary>
    /// <param name="producer">The producer.</param>
    public static JsonResponse Of(Producer producer) => new(StatusCodes.Status200OK, writer => ProducerJson.Write(writer, producer));

    /// <summary>A stored producer.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="status">The HTTP status.</param>
    public static JsonResponse Of(RegisteredProducer producer, int status = StatusCodes.Status200OK) =>
        new(status, writer => writer.WriteRawValue(producer.Definition!, skipInputValidation: true))
        {
            ETag = producer.ETag,
            Location = status == StatusCodes.Status201Created ? $"/api/producers/{producer.Name}" : null,
        };

    /// <summary>The outcome of a change.</summary>
    /// <param name="outcome">What became of it.</param>
    public static IResult Of(ProducerOutcome outcome) => outcome.Verdict switch
    {
        ProducerVerdict.Created => Of(outcome.Producer!, StatusCodes.Status201Created),
        ProducerVerdict.Replaced or ProducerVerdict.Unchanged => Of(outcome.Producer!),
        ProducerVerdict.Deleted => Results.NoContent(),
        ProducerVerdict.NotFound => NotFound(),
        ProducerVerdict.PreconditionFailed when outcome.Producer?.Definition is null => new Problem(
            StatusCodes.Status412PreconditionFailed, "The producer does not exist. To create it, send no If-Match."),
        ProducerVerdict.PreconditionFailed => new Problem(
            StatusCodes.Status412PreconditionFailed, "The producer was changed since you read it. Read it again, and send its new ETag in If-Match.")
        { Headers = Tag(outcome) },
        ProducerVerdict.AlreadyExists => new Problem(
            StatusCodes.Status412PreconditionFailed, "The producer exists already. To change it, send its ETag in If-Match.")
        { Headers = Tag(outcome) },
        ProducerVerdict.PreconditionRequired => new Problem(
            StatusCodes.Status428PreconditionRequired, "The producer exists. Send its ETag in If-Match, or * for any version.")
        { Headers = Tag(outcome) },
        ProducerVerdict.Fixed => new Problem(
            StatusCodes.Status409Conflict, "The producer is defined in the service's settings (Producers:…). Change it there."),
        _ => new Problem(StatusCodes.Status409Conflict, "Another producer has this source.")
        {
            Errors = [new("#/source", $"The producer \"{outcome.Owner}\" has this source.")],
        },
    };

    /// <summary>The result of a change, for the log of administration.</summary>
    /// <param name="outcome">What became of it.</param>
    public static ChangeResult ResultOf(ProducerOutcome outcome) => new(Of(outcome))
    {
        ETagBefore = outcome.ETagBefore,
        ETagAfter = outcome.Producer is { Definition: not null } producer ? producer.ETag : null,
    };

    /// <summary>Returns the response for an unknown producer.</summary>
    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is no producer with this name.");

    /// <summary>A page of producers.</summary>
    /// <param name="producers">All producers, in the order of their names.</param>
    /// <param name="page">Which page.</param>
    public static IResult Of(IReadOnlyList<Producer> producers, PageParameters page)
    {
        var after = page.Continuation;
        var items = producers.Where(producer => after is null || string.CompareOrdinal(producer.Name, after) > 0).Take(page.Limit + 1).ToList();
        return page.Respond(
            [.. items.Take(page.Limit)], items.Count > page.Limit ? items[page.Limit - 1].Name : null, ProducerJson.Write);
    }

    /// <summary>A page of a producer's history.</summary>
    /// <param name="history">The page.</param>
    /// <param name="page">Which page it is.</param>
    public static IResult Of(ProducerHistory history, PageParameters page) => page.Respond(history.Items, history.Continuation, (writer, change) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version"u8, change.Version);
        writer.WriteString("change"u8, JsonNamingPolicy.CamelCase.ConvertName(change.Change.ToString()));
        writer.WriteString("at"u8, UtcMilliseconds.Text(change.At));
        writer.WriteString("by"u8, change.By);
        if (change.Before is { } before)
        {
            writer.WritePropertyName("before"u8);
            writer.WriteRawValue(before, skipInputValidation: true);
        }

        writer.WriteEndObject();
    });

    private static KeyValuePair<string, string>[] Tag(ProducerOutcome outcome) =>
        outcome.Producer is { Definition: not null } producer ? [new("ETag", producer.ETag)] : [];
}
