using System.Collections.Frozen;
using System.Globalization;
using System.Xml.Linq;

namespace EventFunctions.Intake.Feeds;

/// <summary>An entry of an Atom feed or an item of an RSS feed.</summary>
internal sealed record SyndicationEntry
{
    private const string Atom = "http://www.w3.org/2005/Atom";

    private static readonly string[] RssTimes =
    [
        "d MMM yyyy HH:mm:ss", "d MMM yyyy HH:mm", "d MMM yy HH:mm:ss", "d MMM yy HH:mm",
    ];

    // The zones of RFC 822; the military ones were defined wrongly and count as UTC (RFC 2822 §4.3).
    private static readonly FrozenDictionary<string, int> Zones = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        ["GMT"] = 0,
        ["UT"] = 0,
        ["UTC"] = 0,
        ["Z"] = 0,
        ["EST"] = -5,
        ["EDT"] = -4,
        ["CST"] = -6,
        ["CDT"] = -5,
        ["MST"] = -7,
        ["MDT"] = -6,
        ["PST"] = -8,
        ["PDT"] = -7,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The entry's own ID: <c>id</c>, or <c>guid</c>.</summary>
    public string? Id { get; private init; }

    /// <summary>The title, as text or as the HTML that it is.</summary>
    public string? Title { get; private init; }

    /// <summary>The page of the entry.</summary>
    public Uri? Link { get; private init; }

    /// <summary>When it was published, as the feed has it.</summary>
    public string? Published { get; private init; }

    /// <summary>When it was last changed; of RSS, when it was published.</summary>
    public DateTimeOffset? Updated { get; private init; }

    /// <summary>The summary, as text or as the HTML that it is.</summary>
    public string? Summary { get; private init; }

    /// <summary>Reads an <c>entry</c> (RFC 4287 §4.1.2).</summary>
    /// <param name="entry">The element.</param>
    /// <param name="url">The document's URL.</param>
    public static SyndicationEntry OfAtom(XElement entry, Uri url)
    {
        // Without rel, a link is the entry's page (§4.2.7.2).
        var link = entry.Elements(XName.Get("link", Atom)).FirstOrDefault(one => (one.Attribute("rel")?.Value ?? "alternate") == "alternate");
        return new SyndicationEntry
        {
            Id = Text(entry, "id"),
            Title = Text(entry, "title"),
            Link = link is null ? null : SyndicationPage.Resolve(link, link.Attribute("href")?.Value, url),
            Published = Text(entry, "published"),
            Updated = DateTimeOffset.TryParse(Text(entry, "updated"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            Summary = Text(entry, "summary"),
        };

        static string? Text(XElement entry, string name) => TextOf(entry.Element(XName.Get(name, Atom)));
    }

    /// <summary>Reads an <c>item</c> (RSS 2.0).</summary>
    /// <param name="item">The element.</param>
    /// <param name="url">The document's URL.</param>
    public static SyndicationEntry OfRss(XElement item, Uri url) => new()
    {
        Id = TextOf(item.Element("guid")),
        Title = TextOf(item.Element("title")),
        Link = SyndicationPage.Resolve(item, TextOf(item.Element("link")), url),
        Published = TextOf(item.Element("pubDate")),
        Updated = TimeOf(TextOf(item.Element("pubDate"))),
        Summary = TextOf(item.Element("description")),
    };

    private static string? TextOf(XElement? element) => element?.Value.Trim() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? TimeOf(string? text)
    {
        // "Sat, 07 Sep 2002 00:00:01 GMT": the day of the week is optional and says nothing more.
        if (text is null || text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..].Trim() is not { } rest || rest.LastIndexOf(' ') is not (> 0 and var space))
        {
            return null;
        }

        var zone = rest[(space + 1)..];
        TimeSpan? offset = Zones.TryGetValue(zone, out var hours) ? TimeSpan.FromHours(hours)
            : zone is [('+' or '-') and var sign, .. { Length: 4 } digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number / 100 <= 14 && number % 100 < 60
                ? (sign == '-' ? -1 : 1) * new TimeSpan(number / 100, number % 100, 0)
            : zone.Length == 1 && char.IsAsciiLetter(zone[0]) ? TimeSpan.Zero
            : null;
        return offset is { } ahead && DateTime.TryParseExact(rest[..space].Trim(), RssTimes, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var local)
            && local.Year > 1
            ? new DateTimeOffset(local, ahead)
            : null;
    }
}
