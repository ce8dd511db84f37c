using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// The change feed over all ranges, pulled, each item in its latest version. A cursor is the SDK's continuation: where each
/// range stands.
/// </summary>
internal sealed class RecordChanges(Container container, RecordReader reader)
{
    // This machine's clock and Cosmos DB's, which counts seconds.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(10);

    private const int SkippedPageSize = 1_000;
    private const int MaxSkippedPages = 20;
    private const int MaxRounds = 3;

    public async Task<ChangePage> ReadAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        var turns = new RangeTurns(cursor);
        var (rounds, isCut) = (0, false);
        var before = cursor;
        var pages = Open(cursor, limit);
        try
        {
            while (true)
            {
                using var page = await NextAsync(pages, cursor, cancellationToken);
                if (page.StatusCode == HttpStatusCode.NotModified)
                {
                    turns.Take(page.ContinuationToken);
                    if (turns.WasAround || ++rounds == MaxRounds)
                    {
                        return new ChangePage([], cursor ?? page.ContinuationToken);
                    }

                    // Not all ranges were asked: the next answer tells why, or is the whole round's.
                    before = page.ContinuationToken;
                    continue;
                }

                var (records, fitting) = await ReadRecordsAsync(page.Content, limit, cancellationToken);
                if (fitting is { } smaller)
                {
                    // A continuation stands behind whole pages only, so that a smaller one has to be asked for.
                    (limit, isCut) = (smaller, true);
                    pages.Dispose();
                    pages = Open(before, limit);
                    continue;
                }

                turns.Take(page.ContinuationToken);
                if (records.Count > 0)
                {
                    return new ChangePage(records, page.ContinuationToken) { IsCut = isCut };
                }

                // Full data only, or what cannot be read: nothing to show, but nothing to read again either.
                before = cursor = page.ContinuationToken;
            }
        }
        finally
        {
            pages.Dispose();
        }
    }

    /// <summary>
    /// A cursor near the end. It begins with a time shortly ago and not with the SDK's "now", which each range would take
    /// for its own when it is first read, and so skip what changes until then.
    /// </summary>
    public async Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken)
    {
        using var pages = container.GetChangeFeedStreamIterator(
            ChangeFeedStartFrom.Time(DateTime.UtcNow - ClockTolerance),
            ChangeFeedMode.LatestVersion,
            new ChangeFeedRequestOptions { PageSizeHint = SkippedPageSize });
        for (var read = 1; ; read++)
        {
            using var page = await NextAsync(pages, null, cancellationToken);

            // While others write without pause there may be no end to reach; to show some of it is as good.
            if (page.StatusCode == HttpStatusCode.NotModified || read == MaxSkippedPages)
            {
                return page.ContinuationToken;
            }
        }
    }

    private FeedIterator Open(string? cursor, int limit)
    {
        try
        {
            return container.GetChangeFeedStreamIterator(
                cursor is null ? ChangeFeedStartFrom.Beginning() : ChangeFeedStartFrom.ContinuationToken(cursor),
                ChangeFeedMode.LatestVersion,
                new ChangeFeedRequestOptions { PageSizeHint = limit });
        }
        catch (Exception e) when (cursor is not null && e is ArgumentException or FormatException or CosmosException { StatusCode: HttpStatusCode.BadRequest })
        {
            throw Invalid(e);
        }
    }

    private static async Task<ResponseMessage> NextAsync(FeedIterator pages, string? cursor, CancellationToken cancellationToken)
    {
        try
        {
            var page = await pages.ReadNextAsync(cancellationToken);
            if (page.IsSuccessStatusCode || page.StatusCode == HttpStatusCode.NotModified)
            {
                return page;
            }

            using (page)
            {
                throw cursor is not null && page.StatusCode == HttpStatusCode.BadRequest ? Invalid(null) : CosmosCalls.Unexpected(page);
            }
        }
        catch (Exception e) when (cursor is not null && e is ArgumentException or FormatException or CosmosException { StatusCode: HttpStatusCode.BadRequest })
        {
            throw Invalid(e);
        }
    }

    // If they are too many for a page, also how many of them fit.
    private async Task<(List<EventRecord> Records, int? Fitting)> ReadRecordsAsync(Stream content, int limit, CancellationToken cancellationToken)
    {
        List<EventRecord> records = [];
        var budget = new PageBudget();
        using var json = await JsonDocument.ParseAsync(content, cancellationToken: cancellationToken);
        foreach (var (index, item) in json.RootElement.GetProperty("Documents").EnumerateArray().Index())
        {
            if (item.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals(EventDocument.KindName))
            {
                var utf8 = JsonMarshal.GetRawUtf8Value(item);
                if (!reader.TryRead(utf8, budget, withData: true, out var record))
                {
                    if (index < limit)
                    {
                        return ([], index);
                    }

                    // More than was asked for, which is all that Cosmos DB divides.
                    record = reader.Read(utf8);
                }

                if (record is not null)
                {
                    records.Add(record);
                }
            }
        }

        return (records, null);
    }

    private static InvalidContinuationException Invalid(Exception? inner) => new("This store did not issue the cursor.", inner);
}
