using System.Buffers.Text;
using System.Globalization;
using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records;

/// <summary>Writes event IDs, which may hold anything, as one safe path segment, and reads them back.</summary>
public static class EventPath
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path and query of the call that reads an event's record, beginning with <c>/api/events/</c>.</summary>
    /// <param name="key">The event.</param>
    public static string ForRecord(EventKey key) =>
        $"/api/events/{Uri.EscapeDataString(ToSegment(key.Id))}?source={Uri.EscapeDataString(key.Source)}";

    /// <summary>The path and query of the call that reads an event's full data.</summary>
    /// <param name="key">The event.</param>
    /// <param name="run">The run whose data it is; null for the newest that has any.</param>
    public static string ForData(EventKey key, int? run = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"/api/events/{Uri.EscapeDataString(ToSegment(key.Id))}/data?source={Uri.EscapeDataString(key.Source)}{(run is null ? "" : "&run=")}{run}");

    /// <summary>
    /// Returns the ID itself if it is safe in a path, otherwise <c>~</c> and its UTF-8 in base64url. Not safe are <c>/ \ ? # %</c>, control
    /// characters, <c>.</c>, <c>..</c> and a leading <c>~</c>: hosts and proxies would change them.
    /// </summary>
    /// <param name="id">A CloudEvents <c>id</c>.</param>
    public static string ToSegment(string id) =>
        IsSafe(id) ? id : "~" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(id));

    /// <summary>Reads what <see cref="ToSegment"/> wrote, from the segment after percent-decoding.</summary>
    /// <param name="segment">The path segment.</param>
    /// <returns>The ID; null where the segment is no ID's.</returns>
    public static string? FromSegment(string segment)
    {
        if (!segment.StartsWith('~'))
        {
            return segment.Length == 0 ? null : segment;
        }

        try
        {
            var id = StrictUtf8.GetString(Base64Url.DecodeFromChars(segment.AsSpan(1)));
            return id.Length == 0 ? null : id;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsSafe(string id) =>
        id is not ("." or "..") && !id.StartsWith('~') && !id.Any(c => c is '/' or '\\' or '?' or '#' or '%' || char.IsControl(c));
}
