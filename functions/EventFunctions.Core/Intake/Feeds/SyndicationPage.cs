using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Intake.Feeds;

/// <summary>A document of an Atom (RFC 4287) or RSS 2.0 feed, its entries as events.</summary>
/// <param name="Items">The entries, the oldest first.</param>
/// <param name="Oldest">The time of the entry that was updated first; null if no entry has a time.</param>
/// <param name="Newest">The time of the entry that was updated last; null if no entry has a time.</param>
/// <param name="Older">The document with older entries (RFC 5005); null for the last one.</param>
internal sealed record SyndicationPage(IReadOnlyList<ReceivedItem> Items, DateTimeOffset? Oldest, DateTimeOffset? Newest, Uri? Older)
{
    private const int MaxDepth = 100;
    private const string AtomNamespace = "http://www.w3.org/2005/Atom";

    private static readonly XName XmlBase = XNamespace.Xml + "base";

    // No DTD, so no entities and no files or addresses of others.
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Reads a document.</summary>
    /// <param name="body">The document.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="producer">The producer whose feed it is.</param>
    /// <exception cref="FeedPageException">It is not a document of the feed's format.</exception>
    public static SyndicationPage Read(ReadOnlyMemory<byte> body, Uri url, Producer producer)
    {
        var root = Parse(body);
        var isAtom = producer.Feed!.Format == FeedFormat.Atom;
        if (root.Name != (isAtom ? XName.Get("feed", AtomNamespace) : "rss"))
        {
            throw new FeedPageException($"The document begins with the element \"{root.Name}\". {(isAtom ? $"An Atom feed begins with \"feed\" of {AtomNamespace}" : "An RSS feed begins with \"rss\"")}. Check feed.url and feed.format.");
        }

        var channel = isAtom ? root : root.Element("channel") ?? throw new FeedPageException("The RSS document has no element \"channel\".");
        var entries = channel.Elements(isAtom ? XName.Get("entry", AtomNamespace) : "item")
            .Select(entry => isAtom ? SyndicationEntry.OfAtom(entry, url) : SyndicationEntry.OfRss(entry, url))
            .Reverse().OrderBy(entry => entry.Updated ?? DateTimeOffset.MinValue).ToList();
        return new SyndicationPage(
            [.. entries.Select(entry => ItemOf(entry, producer))],
            entries.Min(entry => entry.Updated),
            entries.Max(entry => entry.Updated),
            OlderOf(channel, url));
    }

    /// <summary>Returns a URL of the document, resolved by <c>xml:base</c>; null if it is not one.</summary>
    internal static Uri? Resolve(XElement element, string? reference, Uri url)
    {
        if (reference is null)
        {
            return null;
        }

        var place = url;
        foreach (var part in element.AncestorsAndSelf().Reverse().Select(one => one.Attribute(XmlBase)?.Value).OfType<string>())
        {
            place = Uri.TryCreate(place, part.Trim(), out var moved) ? moved : place;
        }

        return Uri.TryCreate(place, reference.Trim(), out var found) ? found : null;
    }

    private static XElement Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using (var depth = XmlReader.Create(StreamOf(body), Settings))
            {
                while (depth.Read())
                {
                    if (depth.Depth > MaxDepth)
                    {
                        throw new FeedPageException($"The document has elements more than {MaxDepth} levels deep.");
                    }
                }
            }

            using var reader = XmlReader.Create(StreamOf(body), Settings);
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException e) when (e.Message.Contains("DTD", StringComparison.Ordinal))
        {
            throw new FeedPageException("The document has a document type declaration (DTD), which is not read.", e);
        }
        catch (XmlException e)
        {
            throw new FeedPageException($"The document is not XML: line {e.LineNumber}, column {e.LinePosition}.", e);
        }
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out var bytes) ? new(bytes.Array!, bytes.Offset, bytes.Count, writable: false) : new(body.ToArray(), writable: false);

    private static Uri? OlderOf(XElement channel, Uri url)
    {
        var links = channel.Elements(XName.Get("link", AtomNamespace)).ToList();
        var older = links.Find(link => link.Attribute("rel")?.Value == "prev-archive") ?? links.Find(link => link.Attribute("rel")?.Value == "next");
        return older is null ? null : Resolve(older, older.Attribute("href")?.Value, url);
    }

    private static ReceivedItem ItemOf(SyndicationEntry entry, Producer producer)
    {
        var data = JsonObjectBytes.Write(writer =>
        {
            CloudEventJson.WriteOptional(writer, "id"u8, entry.Id);
            CloudEventJson.WriteOptional(writer, "title"u8, entry.Title);
            CloudEventJson.WriteOptional(writer, "link"u8, entry.Link?.AbsoluteUri);
            CloudEventJson.WriteOptional(writer, "published"u8, entry.Published);
            CloudEventJson.WriteOptional(writer, "updated"u8, entry.Updated is { } at ? UtcMilliseconds.Text(at) : null);
            CloudEventJson.WriteOptional(writer, "summary"u8, entry.Summary);
        });

        // One event for each update. Without a time, or without an ID, only the content tells one event from another.
        var name = entry.Id ?? entry.Link?.AbsoluteUri;
        var id = name is null ? Hash(data.Span) : $"{name} {(entry.Updated is { } updated ? UtcMilliseconds.Text(updated) : Hash(data.Span))}";
        id = AttributeRules.Refuse("id", id) is null ? id : Hash(Encoding.UTF8.GetBytes(id));
        var json = JsonObjectBytes.Write(writer =>
        {
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, id);
            writer.WriteString("source"u8, producer.Source);
            writer.WriteString("type"u8, producer.Feed!.Type);
            if (name is not null && AttributeRules.Refuse("subject", name) is null)
            {
                writer.WriteString("subject"u8, name);
            }

            CloudEventJson.WriteOptional(writer, "time"u8, entry.Updated is { } time ? UtcMilliseconds.Text(time) : null);
            writer.WriteString("datacontenttype"u8, "application/json"u8);
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(data.Span);
        });
        return new ReceivedItem(json, id, producer.Source);
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(SHA256.HashData(bytes));
}
