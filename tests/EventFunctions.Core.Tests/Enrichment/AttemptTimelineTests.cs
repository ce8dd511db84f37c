using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Enrichment;

public sealed class AttemptTimelineTests
{
    [Fact]
    public void Data_that_is_fetched_within_the_millisecond_of_the_delivery_comes_after_it()
    {
        var delivered = new DeliveredEvent { Id = "1", Source = "/insurance/policies", Type = "policy.renewed" };
        var at = StoreSamples.Start.AddTicks(9_000);
        var attempt = new EnrichmentAttempt(delivered, at, span: null)
        {
            Data = StoreSamples.FullData(delivered.Key) with { FetchedAt = at.AddTicks(10) },
        };
        var steps = attempt.EntriesUpTo(attempt.Entry(at.AddTicks(20), TimelineStep.Completed)).Select(entry => entry.What);
        Assert.Equal([TimelineStep.Delivered, TimelineStep.Fetched, TimelineStep.Completed], steps);
    }
}
