using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Http;

/// <summary>Which deliveries of a webhook a query string asks for.</summary>
internal static class DeliveryParameters
{
    private static readonly OrderedDictionary<string, DeliveryStatus> Statuses =
        new(Enum.GetValues<DeliveryStatus>().Select(status => KeyValuePair.Create(DeliveryJson.NameOf(status), status)), StringComparer.Ordinal);

    /// <summary>The names of the filters.</summary>
    public static IReadOnlyList<string> Filters { get; } = ["status", "from", "to"];

    /// <summary>Reads the parameters.</summary>
    /// <param name="page">The page, with the filters.</param>
    /// <param name="webhook">The webhook's name.</param>
    public static DeliveryQuery Read(PageParameters page, string webhook)
    {
        var status = page.Query.Word("status", Statuses);
        var (from, to) = page.Query.Times();
        return new DeliveryQuery(webhook) { Status = status, From = from, To = to, Limit = page.Limit, Continuation = page.Continuation };
    }
}
