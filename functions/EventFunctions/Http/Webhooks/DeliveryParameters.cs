using System.Diagnostics.CodeAnalysis;
using CloudNative.CloudEvents;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Http;

/// <summary>Which deliveries of a webhook a query string asks for.</summary>
internal static class DeliveryParameters
{
    /// <summary>The names of the filters.</summary>
    public static IReadOnlyList<string> Filters { get; } = ["status", "from", "to"];

    /// <summary>Reads the parameters.</summary>
    /// <param name="page">The page, with the filters.</param>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="query">The query.</param>
    /// <param name="problem">Everything that is wrong.</param>
    public static bool TryRead(PageParameters page, string webhook, [NotNullWhen(true)] out DeliveryQuery? query, [NotNullWhen(false)] out Problem? problem)
    {
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

        problem = errors.Count == 0 ? null : PageParameters.Invalid([.. errors]);
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

        errors.Add(new("status", $"Must be one of {string.Join(", ", Enum.GetValues<DeliveryStatus>().Select(DeliveryJson.NameOf))}."));
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
            errors.Add(new(name, "Must be an RFC 3339 time, such as 2026-01-31T08:30:00Z (write + as %2B in a query)."));
            return null;
        }
    }
}
