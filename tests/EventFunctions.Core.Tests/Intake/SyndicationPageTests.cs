using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;

namespace EventFunctions.Tests.Intake;

public sealed class SyndicationPageTests
{
    // RFC 4287 §1.1, both examples in one feed.
    private const string Atom = """
        <?xml version="1.0" encoding="utf-8"?>
        <feed xmlns="http://www.w3.org/2005/Atom">
          <title type="text">dive into mark</title>
          <updated>2005-07-31T12:29:29Z</updated>
          <id>tag:example.org,2003:3</id>
          <link rel="alternate" type="text/html" hreflang="en" href="http://example.org/"/>
          <link rel="self" type="application/atom+xml" href="http://example.org/feed.atom"/>
          <generator uri="http://www.example.com/" version="1.0">Example Toolkit</generator>
          <entry>
            <title>Atom draft-07 snapshot</title>
            <link rel="alternate" type="text/html" href="http://example.org/2005/04/02/atom"/>
            <link rel="enclosure" type="audio/mpeg" length="1337" href="http://example.org/audio/ph34r_my_podcast.mp3"/>
            <id>tag:example.org,2003:3.2397</id>
            <updated>2005-07-31T12:29:29Z</updated>
            <published>2003-12-13T08:29:29-04:00</published>
            <author><name>Mark Pilgrim</name><uri>http://example.org/</uri><email>f8dy@example.com</email></author>
            <content type="xhtml" xml:lang="en" xml:base="http://diveintomark.org/">
              <div xmlns="http://www.w3.org/1999/xhtml"><p><i>[Update: The Atom draft is finished.]</i></p></div>
            </content>
          </entry>
          <entry>
            <title>Atom-Powered Robots Run Amok</title>
            <link href="http://example.org/2003/12/13/atom03"/>
            <id>urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a</id>
            <updated>2003-12-13T18:30:02Z</updated>
            <summary>Some text.</summary>
          </entry>
        </feed>
        """;

    // https://www.rssboard.org/files/sample-rss-2.xml, shortened.
    private const string Rss = """
        <?xml version="1.0"?>
        <rss version="2.0">
          <channel>
            <title>Liftoff News</title>
            <link>http://liftoff.msfc.nasa.gov/</link>
            <description>Liftoff to Space Exploration.</description>
            <pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate>
            <item>
              <title>Star City</title>
              <link>http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp</link>
              <description>How do Americans get ready to work with Russians? They take a crash course at Russia's &lt;a href="http://howe.iki.rssi.ru/GCTC/gctc_e.htm"&gt;Star City&lt;/a&gt;.</description>
              <pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate>
              <guid>http://liftoff.msfc.nasa.gov/2003/06/03.html#item573</guid>
            </item>
            <item>
              <description>Sky watchers will experience a &lt;a href="http://science.nasa.gov/"&gt;partial eclipse&lt;/a&gt; on Saturday, May 31st.</description>
              <pubDate>Fri, 30 May 2003 11:06:42 GMT</pubDate>
              <guid>http://liftoff.msfc.nasa.gov/2003/05/30.html#item572</guid>
            </item>
          </channel>
        </rss>
        """;

    private static readonly Uri Url = new("https://blog.example.com/feeds/news.xml");

    [Fact]
    public void The_examples_of_RFC_4287_become_valid_events_oldest_first()
    {
        var page = Read(Atom, FeedFormat.Atom);

        Assert.Equal(
            [
                """{"specversion":"1.0","id":"urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a 2003-12-13T18:30:02.000Z","source":"/news","type":"article.published","subject":"urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a","time":"2003-12-13T18:30:02.000Z","datacontenttype":"application/json","data":{"id":"urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a","title":"Atom-Powered Robots Run Amok","link":"http://example.org/2003/12/13/atom03","updated":"2003-12-13T18:30:02.000Z","summary":"Some text."}}""",
                """{"specversion":"1.0","id":"tag:example.org,2003:3.2397 2005-07-31T12:29:29.000Z","source":"/news","type":"article.published","subject":"tag:example.org,2003:3.2397","time":"2005-07-31T12:29:29.000Z","datacontenttype":"application/json","data":{"id":"tag:example.org,2003:3.2397","title":"Atom draft-07 snapshot","link":"http://example.org/2005/04/02/atom","published":"2003-12-13T08:29:29-04:00","updated":"2005-07-31T12:29:29.000Z"}}""",
            ],
            Texts(page));
        Assert.All(page.Items, item => Assert.Empty(EventReader.ReadJson(ContentMode.Structured, item.Json.Span).Errors));
        Assert.Equal((new DateTimeOffset(2003, 12, 13, 18, 30, 2, default), new DateTimeOffset(2005, 7, 31, 12, 29, 29, default), null), (page.Oldest, page.Newest, page.Older));
    }

    [Fact]
    public void The_sample_of_RSS_2_becomes_valid_events_oldest_first()
    {
        var page = Read(Rss, FeedFormat.Rss);

        Assert.Equal(
            ["http://liftoff.msfc.nasa.gov/2003/05/30.html#item572 2003-05-30T11:06:42.000Z", "http://liftoff.msfc.nasa.gov/2003/06/03.html#item573 2003-06-03T09:39:21.000Z"],
            page.Items.Select(item => item.Id));
        var data = JsonElement.Parse(Texts(page)[1]).GetProperty("data");
        Assert.Equal("Star City", data.GetProperty("title").GetString());
        Assert.Equal("http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp", data.GetProperty("link").GetString());
        Assert.EndsWith("<a href=\"http://howe.iki.rssi.ru/GCTC/gctc_e.htm\">Star City</a>.", data.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.All(page.Items, item => Assert.Empty(EventReader.ReadJson(ContentMode.Structured, item.Json.Span).Errors));
    }

    [Theory]
    [InlineData("Sat, 07 Sep 2002 00:00:01 GMT", "2002-09-07T00:00:01.000Z")]
    [InlineData("7 Sep 02 00:00 EST", "2002-09-07T05:00:00.000Z")]
    [InlineData("Sat,  7 Sep 2002 09:00:01 +0530", "2002-09-07T03:30:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 UT", "2002-09-07T09:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 UTC", "2002-09-07T09:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 Z", "2002-09-07T09:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 A", "2002-09-07T09:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 EDT", "2002-09-07T13:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 CST", "2002-09-07T15:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 CDT", "2002-09-07T14:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 MST", "2002-09-07T16:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 MDT", "2002-09-07T15:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 PST", "2002-09-07T17:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 09:00:01 pdt", "2002-09-07T16:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 00:00:01 +1400", "2002-09-06T10:00:01.000Z")]
    [InlineData("Sat, 07 Sep 2002 00:00:01 +1500", null)]
    [InlineData("Sat, 07 Sep 2002 00:00:01 XYZ", null)]
    [InlineData("Sat, 07 Sep 2002 00:00:01 7", null)]
    [InlineData("yesterday", null)]
    [InlineData("Sat, 07 Sep 2002", null)]
    [InlineData("Sat, 07 Sep 2002 00:00:01 +9999", null)]
    [InlineData("", null)]
    public void A_date_of_RFC_822_is_read_in_every_zone_and_one_that_is_not_counts_as_none(string date, string? time)
    {
        var item = JsonElement.Parse(Texts(Read($"<rss><channel><item><guid>g</guid><pubDate>{date}</pubDate></item></channel></rss>", FeedFormat.Rss))[0]);

        Assert.Equal(time, item.TryGetProperty("time", out var found) ? found.GetString() : null);
        Assert.StartsWith("g ", item.GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_without_a_time_is_another_event_only_when_its_content_changes()
    {
        string Id(string title) => Read($"<rss><channel><item><link>/a</link><title>{title}</title></item></channel></rss>", FeedFormat.Rss).Items[0].Id!;

        Assert.Equal(Id("x"), Id("x"));
        Assert.NotEqual(Id("x"), Id("y"));
        Assert.StartsWith("https://blog.example.com/a ", Id("x"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>first</title>{0}</entry><entry><title>second</title>{0}</entry></feed>", "<updated>2026-11-29T09:00:00Z</updated>", FeedFormat.Atom)]
    [InlineData("<rss><channel><item><title>first</title>{0}</item><item><title>second</title>{0}</item></channel></rss>", "<pubDate>Sun, 29 Nov 2026 09:00:00 GMT</pubDate>", FeedFormat.Rss)]
    public void Entries_without_an_ID_are_told_apart_by_their_content_even_at_the_same_time(string feed, string time, FeedFormat format)
    {
        var ids = Read(feed.Replace("{0}", time, StringComparison.Ordinal), format).Items.Select(item => item.Id).ToList();

        Assert.Equal(2, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[A-Za-z0-9_-]{43}$", id));
    }

    [Theory]
    [InlineData("<link rel='next' href='?page=2'/>", "https://blog.example.com/feeds/news.xml?page=2")]
    [InlineData("<link rel='next' href='/p2'/><link rel='prev-archive' href='2002/'/>", "https://blog.example.com/feeds/2002/")]
    [InlineData("<link xml:base='https://archive.example.com/x/' rel='prev-archive' href='1'/>", "https://archive.example.com/x/1")]
    [InlineData("<link xml:base='http://[' rel='next' href='2'/>", "https://blog.example.com/feeds/2")]
    [InlineData("<link rel='previous' href='1'/>", null)]
    [InlineData("<link rel='next'/>", null)]
    public void Older_entries_are_where_the_links_of_RFC_5005_lead(string links, string? older) =>
        Assert.Equal(older, Read($"<feed xmlns='http://www.w3.org/2005/Atom'>{links}</feed>", FeedFormat.Atom).Older?.AbsoluteUri);

    [Theory]
    [InlineData("<!DOCTYPE feed [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><feed xmlns='http://www.w3.org/2005/Atom'><title>&b;</title></feed>", "DTD")]
    [InlineData("<!DOCTYPE feed SYSTEM 'file:///etc/passwd'><feed/>", "DTD")]
    [InlineData("<feed xmlns='http://www.w3.org/2005/Atom'>", "not XML: line 1")]
    [InlineData("{}", "not XML: line 1, column 1")]
    [InlineData("<feed/>", "begins with the element \"feed\"")]
    [InlineData("<rss/>", "begins with the element \"rss\"")]
    [InlineData("", "not XML")]
    public void A_document_that_is_no_such_feed_is_refused_with_the_reason(string xml, string reason) =>
        Assert.Contains(reason, Assert.Throws<FeedPageException>(() => Read(xml, FeedFormat.Atom)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_document_that_is_very_deep_is_refused() => Assert.Contains(
        "levels deep",
        Assert.Throws<FeedPageException>(() => Read($"<rss>{string.Concat(Enumerable.Repeat("<a>", 200_000))}", FeedFormat.Rss)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("con\u0085trol")]
    [InlineData("a:enriched")]
    [InlineData("g", 2_000)]
    [InlineData("g", 1_000)]
    public void An_ID_that_an_event_cannot_have_is_hashed(string part, int times = 1)
    {
        var item = Read($"<rss><channel><item><guid>{string.Concat(Enumerable.Repeat(part, times))}</guid></item></channel></rss>", FeedFormat.Rss).Items[0];

        Assert.Equal(43, item.Id!.Length);
        Assert.Empty(EventReader.ReadJson(ContentMode.Structured, item.Json.Span).Errors);
    }

    private static SyndicationPage Read(string xml, FeedFormat format) => SyndicationPage.Read(
        Encoding.UTF8.GetBytes(xml), Url,
        new Producer { Name = "news", Source = "/news", Feed = new ProducerFeed { Url = Url, Schedule = "", Format = format, Type = "article.published" } });

    private static List<string> Texts(SyndicationPage page) => [.. page.Items.Select(item => Encoding.UTF8.GetString(item.Json.Span))];
}
