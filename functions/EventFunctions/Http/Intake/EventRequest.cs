using EventFunctions.CloudEvents;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The events that a request brings.</summary>
/// <param name="Reading">The events and what is wrong with them.</param>
/// <param name="IsBatch">Whether they came as a batch, whatever their number.</param>
internal sealed record EventRequest(EventReading Reading, bool IsBatch)
{
    private const string AttributeHeaderPrefix = "ce-";

    /// <summary>Reads the events of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hold">Grows with the body; the events take about as much.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the events, all valid, or what to answer instead.</returns>
    public static async ValueTask<(EventRequest? Events, Problem? Problem)> ReadAsync(
        HttpRequest request, BodyHold hold, CancellationToken cancellationToken)
    {
        var headers = AttributeHeaders(request.Headers);
        if (EventReader.ModeOf(request.ContentType, headers.Count > 0) is not { } mode)
        {
            return (null, new Problem(
                StatusCodes.Status415UnsupportedMediaType,
                "Send events as application/cloudevents+json, application/cloudevents-batch+json or application/json (all in UTF-8), or with ce- headers."));
        }

        var (body, problem) = await RequestBody.ReadAsync(request, hold, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            var reading = mode == ContentMode.Binary
                ? EventReader.ReadBinary(headers, request.ContentType, body.Bytes.Span)
                : EventReader.ReadJson(mode, body.Bytes.Span);
            return reading.Errors.Count == 0
                ? (new EventRequest(reading, mode == ContentMode.Batch), null)
                : (null, new Problem(StatusCodes.Status400BadRequest, "The request is not valid; nothing was recorded.") { Errors = reading.Errors });
        }
    }

    // Repeated headers stay apart, so that the reader finds the name twice.
    private static List<KeyValuePair<string, string>> AttributeHeaders(IHeaderDictionary headers)
    {
        var found = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in headers)
        {
            if (name.StartsWith(AttributeHeaderPrefix, StringComparison.OrdinalIgnoreCase))
            {
                found.AddRange(values.Select(value => KeyValuePair.Create(name, value ?? "")));
            }
        }

        return found;
    }
}
