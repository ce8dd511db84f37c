using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

public sealed class ChangeProgressTests
{
    private static readonly DateTimeOffset Time = StoreSamples.Start;

    private readonly ChangeProgress _progress = new();

    [Fact]
    public void Nothing_is_covered_before_a_page_is_read_or_by_a_page_that_does_not_say_where_it_is()
    {
        Assert.False(_progress.Covers(Time));

        Take();

        Assert.False(_progress.Covers(Time));
    }

    [Fact]
    public void The_end_covers_everything()
    {
        _progress.Take(new ChangePage([], "cursor") { IsEnd = true });

        Assert.True(_progress.Covers(Time));
    }

    [Fact]
    public void A_time_is_covered_when_each_range_was_read_so_far_in_whichever_pages()
    {
        Take(("a", 9), ("b", null));
        Assert.False(_progress.Covers(Time));
        Take(("a", null), ("b", -1));
        Assert.False(_progress.Covers(Time));
        Take(("a", null), ("b", 0));

        Assert.True(_progress.Covers(Time));
        Assert.False(_progress.Covers(Time.AddMinutes(1)));
    }

    [Fact]
    public void What_became_of_a_range_that_was_split_has_to_be_read_again()
    {
        Take(("a", 9), ("b", 9));
        Take(("a", null), ("b1", 9), ("b2", null));
        Assert.False(_progress.Covers(Time));
        Take(("a", null), ("b1", null), ("b2", 9));

        Assert.True(_progress.Covers(Time));
    }

    private void Take(params (string Name, int? Minutes)[] ranges) =>
        _progress.Take(new ChangePage([], "cursor")
        {
            Ranges = [.. ranges.Select(range => new ChangeRange(range.Name, range.Minutes is { } minutes ? Time.AddMinutes(minutes) : null))],
        });
}
