using System.Globalization;

namespace EventFunctions.Intake.Feeds;

/// <summary>Where the pages of a feed are (http-feeds.org).</summary>
internal static class FeedUrl
{
    /// <summary>The page behind an event.</summary>
    /// <param name="feed">The feed; a query that it has stays.</param>
    /// <param name="lastEventId">The event; null begins.</param>
    /// <param name="wait">How long the feed may wait for new events; null not at all.</param>
    public static string Of(Uri feed, string? lastEventId, TimeSpan? wait)
    {
        var url = feed.AbsoluteUri;
        if (lastEventId is not null)
        {
            url += Separator(url) + "lastEventId=" + Uri.EscapeDataString(lastEventId);
        }

        return wait is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"{url}{Separator(url)}timeout={(long)time.TotalMilliseconds}")
            : url;
    }

    private static string Separator(string url) => url.Contains('?', StringComparison.Ordinal) ? "&" : "?";
}
