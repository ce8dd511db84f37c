using System.Diagnostics.CodeAnalysis;
using CloudNative.CloudEvents;
using EventFunctions.Queries;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Which deliveries of a webhook a query string asks for.</summary>
internal static class DeliveryParameters
{
    private static readonly string[] Filters = ["status", "from", "to"];

    /// <summary>Reads the parameters.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="tokens">Reads and makes continuations.</param>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="page">The page, which makes the answer.</param>
    /// <param name="query">The query.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    public static bool TryRead(
        IQueryCollection parameters,
        ContinuationToken tokens,
        string webhook,
        [NotNullWhen(true)] out PageParameters? page,
        [NotNullWhen(true)] out DeliveryQuery? query,
        [NotNullWhen(false)] out Problem? problem)
    {
        query = null;
        if (!PageParameters.TryRead(parameters, tokens, ["deliveries", webhook], Filters, out page, out problem))
        {
            return false;
        }

        var errors = new List<KeyValuePair<string, string>>();
        query = new DeliveryQuery(webhook)
        {
            Status = Status(page["status"], errors),
            From = Time("from", page["from"], errors),
            To = Time("to", page["to"], errors),
            Limit = page.Limit,
            Continuation = page.Continuation,
        };
        if (query.From >= query.To)
        {
            errors.Add(new("to", "Must be after from."));
        }

        problem = errors.Count == 0 ? null : new Problem(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = errors };
        return problem is null;
    }

    private static DeliveryStatus? Status(string? text, List<KeyValuePair<string, string>> errors)
    {
        if (text is null)
        {
            return null;
        }

        foreach (var status in Enum.GetValues<DeliveryStatus>())
        {
            if (DeliveryJson.NameOf(status) == text)
            {
                return status;
            }
        }

        errors.Add(new("status", $"One of {string.Join(", ", Enum.GetValues<DeliveryStatus>().Select(DeliveryJson.NameOf))}."));
        return null;
    }

    private static DateTimeOffset? Time(string name, string? text, List<KeyValuePair<string, string>> errors)
    {
        try
        {
            return text is null ? null : (DateTimeOffset)CloudEventAttributeType.Timestamp.Parse(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            errors.Add(new(name, "Not a time by RFC 3339, such as 2026-01-31T08:30:00Z (a + is written %2B in a query)."));
            return null;
        }
    }
}
