namespace EventFunctions.Tests.Intake;

public sealed class BatchTests
{
    private static string Event(int id) => $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"t","data":{{id}}}""";

    [Fact]
    public void A_batch_keeps_its_order()
    {
        var reading = Reading.Batch($"[{string.Join(',', Enumerable.Range(0, 500).Select(Event))}]");

        Assert.Empty(reading.Errors);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), reading.Events.Select(e => e.Id));
    }

    [Fact]
    public void An_empty_batch_has_no_events_and_no_errors()
    {
        var reading = Reading.Batch("[]");

        Assert.Empty(reading.Events);
        Assert.Empty(reading.Errors);
    }

    [Fact]
    public void More_than_500_events_are_one_error()
    {
        var error = Assert.Single(Reading.Batch($"[{string.Join(',', Enumerable.Range(0, 501).Select(Event))}]").Errors);

        Assert.Equal("#", error.Pointer);
        Assert.Contains("501", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_have_the_index_of_their_event()
    {
        var reading = Reading.Batch($$"""[{{Event(0)}},{"specversion":"1.0"},7,{{Event(3)}},{"specversion":"1.0","id":"4","source":"/s","type":"t","data":{"a":0,"a":0} }]""");

        Assert.Equal(["#/1/id", "#/1/source", "#/1/type", "#/2", "#/4/data/a"], reading.Errors.Select(error => error.Pointer));
    }

    [Fact]
    public void A_batch_is_an_array() => Assert.Equal("#", Reading.Error(Reading.Batch(Event(0))).Pointer);
}
