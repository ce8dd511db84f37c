using System.Collections.Immutable;
using System.Text;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>Pages and counts.</content>
public abstract partial class DocumentStoreConformance
{
    private static readonly DocumentContainer Entities = DocumentContainer.Entities;

    private static Document Link(string partition, string id, string? time = null, string producer = "x", string? recordedAt = null, string source = "/s") => new(
        partition,
        id,
        Encoding.UTF8.GetBytes("{" + string.Join(',', new[] { ("kind", "link"), ("source", source), ("producer", producer), ("time", time), ("recordedAt", recordedAt) }
            .Where(field => field.Item2 is not null)
            .Select(field => $"\"{field.Item1}\":\"{field.Item2}\"")) + "}"));

    private static ImmutableSortedDictionary<string, string> Equal(params (string Name, string Value)[] fields) =>
        fields.ToImmutableSortedDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);

    private Task WriteAsync(params IEnumerable<Document> documents) => Task.WhenAll(documents.Select(document => Store.UpsertAsync(Entities, document, Cancellation)));

    private async Task<List<string>> ReadPagesAsync(DocumentQuery query, Func<Task>? between = null)
    {
        List<string> ids = [];
        do
        {
            var page = await Store.QueryAsync(query, Cancellation);
            Assert.InRange(page.Items.Count, 0, query.Limit);
            ids.AddRange(page.Items.Select(item => item.Id));
            query = query with { Continuation = page.Continuation };
            await (between?.Invoke() ?? Task.CompletedTask);
        }
        while (query.Continuation is not null);

        return ids;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_partition_is_read_in_the_order_of_a_field_then_of_ids(bool descending)
    {
        await WriteAsync(Enumerable.Range(0, 20).Select(i => Link("e", $"{i:d2}", time: $"t{i * 7 % 20 / 3}")));
        await WriteAsync(Link("e", "without"), Link("other", "99", time: "t1"));
        var expected = Enumerable.Range(0, 20).OrderBy(i => i * 7 % 20 / 3).ThenBy(i => i).Select(i => $"{i:d2}");

        var ids = await ReadPagesAsync(new DocumentQuery(Entities) { Partition = "e", OrderBy = "time", Descending = descending, Limit = 3 });

        Assert.Equal(descending ? expected.Reverse() : expected, ids);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_partition_is_read_in_the_order_of_ids_where_no_field_is_named(bool descending)
    {
        await WriteAsync(Enumerable.Range(0, 10).Select(i => Link("e", $"{i * 7 % 10}")));
        await WriteAsync(Link("other", "99"));
        var expected = Enumerable.Range(0, 10).Select(i => $"{i}");

        var ids = await ReadPagesAsync(new DocumentQuery(Entities) { Partition = "e", Descending = descending, Limit = 3 });

        Assert.Equal(descending ? expected.Reverse() : expected, ids);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_partitions_together_are_read_in_order_even_where_field_and_id_are_equal(bool descending)
    {
        await WriteAsync(Enumerable.Range(0, 12).Select(i => Link($"e{i:d2}", "summary", recordedAt: $"t{i / 6}")));

        var query = new DocumentQuery(Entities) { OrderBy = "recordedAt", Descending = descending, Limit = 5 };
        List<string> partitions = [];
        do
        {
            var page = await Store.QueryAsync(query, Cancellation);
            partitions.AddRange(page.Items.Select(item => item.Partition));
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        var expected = Enumerable.Range(0, 12).Select(i => $"e{i:d2}");
        Assert.Equal(descending ? expected.Reverse() : expected, partitions);
    }

    [Fact]
    public async Task Filters_and_bounds_leave_out_what_does_not_match()
    {
        await WriteAsync(Enumerable.Range(0, 20).Select(i => Link("e", $"{i:d2}", time: $"t{i:d2}", producer: i % 2 == 0 ? "x" : "y", source: i % 3 == 0 ? "/a" : "/b")));
        var query = new DocumentQuery(Entities) { Partition = "e", OrderBy = "time", Equal = Equal(("producer", "x"), ("kind", "link")), From = "t04", To = "t16" };

        Assert.Equal(["04", "06", "08", "10", "12", "14"], await ReadPagesAsync(query));
        Assert.Equal(["14", "12", "10", "08", "06", "04"], await ReadPagesAsync(query with { Descending = true, Limit = 4 }));
        Assert.Equal(["06", "12"], await ReadPagesAsync(query with { Equal = query.Equal.Add("source", "/a"), Partition = null }));
        Assert.Empty(await ReadPagesAsync(query with { Equal = Equal(("producer", "X")) }));
    }

    [Fact]
    public async Task The_partition_key_can_be_a_filter_and_an_order_too()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Store.UpsertAsync(
            DocumentContainer.Producers, new Document($"p{i}", "producer", Encoding.UTF8.GetBytes($$"""{"kind":"{{(i % 2 == 0 ? "a" : "b")}}"}""")), Cancellation)));
        await Store.UpsertAsync(State, Job("1", """{"dueAt":"1"}""", "one"), Cancellation);
        await Store.UpsertAsync(State, Job("1", """{"dueAt":"1"}""", "two"), Cancellation);

        Assert.Equal("two", Assert.Single((await Store.QueryAsync(
            new DocumentQuery(State) { OrderBy = "dueAt", Equal = Equal(("kind", "two")) }, Cancellation)).Items).Partition);
        Assert.Equal(
            ["p0", "p2", "p4"],
            (await Store.QueryAsync(new DocumentQuery(DocumentContainer.Producers) { OrderBy = "kind", Equal = Equal(("kind", "a")) }, Cancellation))
                .Items.Select(item => item.Partition));
    }

    [Fact]
    public async Task Pages_hold_each_document_once_while_others_come_and_go()
    {
        await WriteAsync(Enumerable.Range(0, 40).Select(i => Link("e", $"{i:d2}", time: $"t{i / 4:d2}")));
        var added = 0;

        var ids = await ReadPagesAsync(
            new DocumentQuery(Entities) { Partition = "e", OrderBy = "time", Descending = true, Limit = 7 },
            async () =>
            {
                await WriteAsync(Link("e", $"new{added++}", time: "t99"));
                await Store.DeleteAsync(Entities, "e", "39", null, Cancellation);
            });

        Assert.Equal(Enumerable.Range(0, 40).Reverse().Select(i => $"{i:d2}"), ids);
    }

    public static TheoryData<string> BadContinuations =>
        ["", " ", "x", "1.2", "bnVsbA", "e30", "eyJJZCI6IjEifQ", "' OR 1=1 --", "\0", "{}", new string('9', 10_000)];

    [Theory]
    [MemberData(nameof(BadContinuations))]
    public async Task A_continuation_that_the_store_did_not_give_is_refused(string continuation)
    {
        await WriteAsync(Link("e", "1", time: "t"));

        await Assert.ThrowsAsync<InvalidContinuationException>(
            () => Store.QueryAsync(new DocumentQuery(Entities) { Partition = "e", OrderBy = "time", Continuation = continuation }, Cancellation));
    }

    [Fact]
    public async Task A_continuation_of_another_order_is_refused()
    {
        await WriteAsync(Enumerable.Range(0, 3).Select(i => Link("e", $"{i}", time: "t")));
        var page = await Store.QueryAsync(new DocumentQuery(Entities) { Partition = "e", Limit = 1 }, Cancellation);

        await Assert.ThrowsAsync<InvalidContinuationException>(
            () => Store.QueryAsync(new DocumentQuery(Entities) { Partition = "e", OrderBy = "time", Continuation = page.Continuation }, Cancellation));
    }

    [Fact]
    public async Task A_query_that_no_index_can_answer_is_refused()
    {
        DocumentQuery[] queries =
        [
            new(Entities) { Partition = "e", OrderBy = "subject" },
            new(Entities) { Partition = "e", Equal = Equal(("subject", "x")) },
            new(Entities),
            new(Entities) { Partition = "e", From = "1" },
            new(Entities) { Partition = "e", Limit = 0 },
            new(Entities) { Partition = "e", Limit = 1_001 },
        ];

        foreach (var query in queries)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.QueryAsync(query, Cancellation));
        }
    }

    [Fact]
    public async Task A_page_ends_before_its_documents_are_more_than_4_MB()
    {
        var large = new string('x', 1_500_000);
        for (var i = 0; i < 5; i++)
        {
            await Store.UpsertAsync(State, Job($"{i}", $$"""{"x":"{{large}}"}"""), Cancellation);
        }

        var query = new DocumentQuery(State) { Partition = "job", Limit = 1_000 };

        Assert.Equal(2, (await Store.QueryAsync(query, Cancellation)).Items.Count);
        Assert.Equal(["0", "1", "2", "3", "4"], await ReadPagesAsync(query));
    }
}
