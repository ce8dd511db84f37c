using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Which event a path and its <c>source</c> parameter mean.</summary>
internal static class EventAddress
{
    private const int MaxSourceLength = 1_024;

    /// <summary>Reads the address.</summary>
    /// <param name="request">The request, for its query.</param>
    /// <param name="segment">The path segment of the ID.</param>
    /// <param name="key">The event.</param>
    /// <param name="problem">What to answer instead.</param>
    public static bool TryRead(HttpRequest request, string segment, out EventKey key, [NotNullWhen(false)] out Problem? problem)
    {
        key = default;
        problem = null;
        var source = request.Query["source"];
        if (source is not [{ Length: > 0 and <= MaxSourceLength } value])
        {
            problem = new Problem(StatusCodes.Status400BadRequest, "Name the event by its ID and its source.")
            {
                Parameters = [new("source", "The event's source, a URI-reference, is required exactly once.")],
            };
        }
        else if (EventPath.FromSegment(segment) is { } id)
        {
            key = new EventKey(value, id);
        }
        else
        {
            problem = NotFound();
        }

        return problem is null;
    }

    /// <summary>Reads which run of the event is meant.</summary>
    /// <param name="request">The request, for its query.</param>
    /// <param name="run">The run; null is the newest.</param>
    /// <param name="problem">The response if the run is not valid.</param>
    public static bool TryReadRun(HttpRequest request, out int? run, [NotNullWhen(false)] out Problem? problem)
    {
        var asked = request.Query["run"];
        run = asked is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        problem = asked.Count == 0 || run is not null ? null : new Problem(StatusCodes.Status400BadRequest, "The parameter run is not valid.")
        {
            Parameters = [new("run", "Must be a number from 0, given once.")],
        };
        return problem is null;
    }

    /// <summary>Returns the response for an unknown event.</summary>
    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is no event with this ID and source.");
}
