using System.Text.RegularExpressions;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Producers;

/// <summary>
/// Locates an event's full data. For every <c>dataref</c>, template and redirect, the normalised URL must be below the producer's base URL:
/// same scheme, host and port, and a path that no server can read as leading out.
/// </summary>
public static partial class DataLocation
{
    /// <summary>Where the data of an event is: at its <c>dataref</c>, else where the producer's template says.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="delivered">The event.</param>
    /// <returns>Null where neither names a place: the event carries all there is.</returns>
    /// <exception cref="FetchException">
    /// The place cannot be told (<see cref="FailureReason.NoDataLocation"/>), or it is not under the base URL
    /// (<see cref="FailureReason.OutsideBaseUrl"/>); both permanent.
    /// </exception>
    public static Uri? Find(Producer producer, DeliveredEvent delivered)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(delivered);
        if (producer.Data is not { } data)
        {
            return delivered.DataRef is null ? null : throw new FetchException(
                FailureReason.NoDataLocation, permanent: true, $"The event has a dataref, but the producer \"{producer.Name}\" has no base URL. Add data.baseUrl to its definition.");
        }

        if (delivered.DataRef is { } dataRef)
        {
            return Resolve(data.BaseUrl, data.BaseUrl, dataRef);
        }

        if (data.Template is not { } template)
        {
            return null;
        }

        var path = Placeholder().Replace(template, match => Uri.EscapeDataString(ValueOf(match.Groups[1].Value, delivered)));
        var query = path.IndexOfAny(['?', '#']);

        // A subject of ".." would be normalised away, and fetch something else that also lies under the base URL.
        return HasDotSegment(query < 0 ? path : path[..query]) ? throw Outside(path) : Resolve(data.BaseUrl, data.BaseUrl, path);
    }

    /// <summary>Whether an event carries its full data: it has data, and neither it nor its producer names another place.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="notification">The event.</param>
    public static bool IsInEvent(Producer producer, EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(notification);
        return notification is { Data: not null, DataRef: null } && producer.Data?.Template is null;
    }

    /// <summary>Resolves a reference, and proves that it does not lead out of the base URL.</summary>
    /// <param name="baseUrl">The producer's base URL, which ends in <c>/</c>.</param>
    /// <param name="current">What a relative reference is relative to: the base URL, or the URL that redirects.</param>
    /// <param name="reference">A URI-reference; its fragment is dropped.</param>
    /// <exception cref="FetchException">It leads outside (<see cref="FailureReason.OutsideBaseUrl"/>); permanent.</exception>
    public static Uri Resolve(Uri baseUrl, Uri current, string reference) =>
        Uri.TryCreate(current, reference, out var url) && IsUnder(baseUrl, url) ? WithoutFragment(url)
        : url is { IsAbsoluteUri: true, UserInfo.Length: > 0 } ? throw new FetchException(
            FailureReason.OutsideBaseUrl, permanent: true, "A URL of full data must not contain a user name or password. Use data.auth of the producer.")
        : throw Outside(reference);

    private static bool IsUnder(Uri baseUrl, Uri url) =>
        url.IsAbsoluteUri
        && url.Scheme == baseUrl.Scheme
        && url.UserInfo.Length == 0
        && url.Port == baseUrl.Port
        && string.Equals(HostOf(url), HostOf(baseUrl), StringComparison.OrdinalIgnoreCase)
        && url.AbsolutePath.StartsWith(baseUrl.AbsolutePath, StringComparison.Ordinal)
        && !HasDotSegment(url.AbsolutePath);

    private static string? HostOf(Uri url)
    {
        try
        {
            return url.IdnHost;
        }
        catch (UriFormatException)
        {
            // Not an international name, which Uri finds out only now.
            return null;
        }
    }

    // Uri resolves plain dot segments and those of %2e. What is left are those that a server or proxy sees only after it
    // has decoded %2f, %5c or a doubly encoded dot, or cut off path parameters as in "..;".
    private static bool HasDotSegment(string path)
    {
        if (!path.AsSpan().ContainsAny('%', '.'))
        {
            return false;
        }

        for (string decoded = path, before = ""; decoded != before; decoded = Uri.UnescapeDataString(decoded))
        {
            before = decoded;
            foreach (var segment in decoded.Split('/', '\\'))
            {
                var name = segment.AsSpan();
                var parameters = name.IndexOf(';');
                if ((parameters < 0 ? name : name[..parameters]) is "." or "..")
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static Uri WithoutFragment(Uri url) =>
        url.Fragment.Length == 0 ? url : new Uri(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));

    private static string ValueOf(string placeholder, DeliveredEvent delivered) => placeholder switch
    {
        "id" => delivered.Id,
        "type" => delivered.Type,
        "source" => delivered.Source,
        "subject" => delivered.Subject ?? throw new FetchException(
            FailureReason.NoDataLocation, permanent: true, "The event has no subject, but the producer's template uses it."),
        _ => throw new FetchException(
            FailureReason.NoDataLocation, permanent: true, $"The producer's template uses {{{placeholder}}}, which events do not have."),
    };

    private static FetchException Outside(string reference)
    {
        const int shown = 200;
        var start = reference.IndexOfAny(['?', '#']) is var end && end >= 0 ? reference[..end] : reference;
        return new FetchException(
            FailureReason.OutsideBaseUrl,
            permanent: true,
            $"\"{(start.Length > shown ? start[..shown] + "…" : start)}\" is not below the producer's base URL.");
    }

    [GeneratedRegex(@"\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
