using EventFunctions.Records;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Administration;

public sealed class RefusalLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger<RefusalLog> _logger = new();
    private readonly RefusalLog _log;

    public RefusalLogTests() => _log = new RefusalLog(_time, _logger);

    private IEnumerable<string> Lines => _logger.Lines.Select(line => line.Text);

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_flood_of_one_cause_is_a_line_at_once_and_a_line_per_minute_with_its_count()
    {
        Record(500, "forged");
        _time.Advance(RefusalLog.Period);
        Record(3, "forged");
        _time.Advance(RefusalLog.Period);

        Assert.Equal(
            [
                "Refused: forged. 1",
                "Refused 500 times in the last minute: forged. Latest: 500",
                "Refused 3 times in the last minute: forged. Latest: 3",
            ],
            Lines);
    }

    [Fact]
    public void One_refusal_is_one_line_and_after_a_quiet_minute_the_next_is_logged_at_once()
    {
        Record(1, "forged");
        _time.Advance(RefusalLog.Period * 3);
        Record(1, "forged");

        Assert.Equal(["Refused: forged. 1", "Refused: forged. 1"], Lines);
    }

    [Fact]
    public void The_count_is_of_the_current_minute_which_begins_with_its_first_refusal()
    {
        Assert.Equal((1, RefusalLog.Period), _log.Record("forged", ""));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal((2, TimeSpan.FromSeconds(20)), _log.Record("forged", ""));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((1, RefusalLog.Period), _log.Record("forged", ""));
    }

    [Fact]
    public void However_many_causes_there_are_only_so_many_are_told_apart()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _log.Record($"cause {i}", new string('x', 10_000));
        }

        _time.Advance(RefusalLog.Period);

        Assert.Equal(RefusalLog.MaxCauses + 2, _logger.Lines.Count);
        Assert.Contains(Lines, line => line.StartsWith($"Refused {10_000 - RefusalLog.MaxCauses} times in the last minute: other causes.", StringComparison.Ordinal));
        Assert.All(Lines, line => Assert.True(line.Length < 1000));
    }

    [Fact]
    public void What_was_counted_is_logged_when_the_host_stops()
    {
        Record(2, "forged");
        _log.Dispose();

        Assert.Equal("Refused 2 times in the last minute: forged. Latest: 2", Lines.Last());
    }

    private void Record(int times, string cause)
    {
        for (var i = 1; i <= times; i++)
        {
            _log.Record(cause, $"{i}");
        }
    }
}
