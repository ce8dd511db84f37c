using System.ComponentModel.DataAnnotations;
using EventFunctions.Settings;

namespace EventFunctions.Streams;

/// <summary>Options for streams and feeds.</summary>
public sealed record StreamOptions : ICheckedOptions
{
    /// <summary>How long a stream stays open; its reader reconnects. Flex bills open responses.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:03:30", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many streams and waiting feeds an instance has open at once.</summary>
    [Range(1, 10_000)]
    public int MaxOpen { get; init; } = 100;

    /// <summary>After which silence a stream shows that it is alive.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after the end of a stream its reader is asked to come again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a reader may let a write wait before it is dropped.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How soon after a change the store is asked for the next; an instance asks once for all its streams.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>How rarely the store is asked while nothing changes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxPollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most changes that the store is asked for at once.</summary>
    [Range(1, 1_000)]
    public int PageSize { get; init; } = 200;

    /// <summary>About how many bytes of changes an instance holds for the readers of all its streams together; who falls behind them is dropped.</summary>
    [Range(1_000, 1_000_000_000)]
    public int WindowBytes { get; init; } = 16_000_000;

    /// <summary>The origins whose pages may read the stream and the feed, such as <c>https://app.example.com</c>; none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>About how many bytes a page of the feed has; a single event may have more.</summary>
    [Range(1_000, 50_000_000)]
    public int FeedPageBytes { get; init; } = 2_000_000;

    /// <inheritdoc/>
    public IEnumerable<string> Validate() => AllowedOrigins.Index().Where(one => !IsOrigin(one.Item)).Select(one =>
        $"Stream:AllowedOrigins:{one.Index} is \"{one.Item}\", but must be a scheme and a host, as browsers send it; example: https://app.example.com.");

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url.Host.Length > 0
        && string.Equals(text, url.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}
