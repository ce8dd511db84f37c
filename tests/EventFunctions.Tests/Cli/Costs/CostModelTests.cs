using EventFunctions.Cli.Costs;

namespace EventFunctions.Tests.Cli;

public sealed class CostModelTests
{
    private const int TicksPerMonth = 43_200;

    [Theory]
    [InlineData(512, 50)]
    [InlineData(2048, 125)]
    public void A_million_events_exactly_spaced_cost_no_more_than_the_target(int memory, double target)
    {
        var estimate = Calculate(new Workload { Events = 1_000_000, Memory = memory });
        var withDelivery = Calculate(new Workload { Events = 1_000_000, Memory = memory, Deliveries = 1 });

        Assert.InRange(estimate.Total, target / 2, target);
        Assert.InRange(withDelivery.Total, estimate.Total, target);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(2048)]
    public void An_idle_month_is_within_the_free_grants_and_costs_at_most_5_dollars_of_store_and_telemetry(int memory)
    {
        var estimate = Calculate(new Workload { Events = 0, Memory = memory });

        Assert.Equal((0, 0), (estimate.TotalOf(CostModel.Functions), estimate.TotalOf(CostModel.EventGrid)));
        Assert.InRange(estimate.Total, 1, 5);
    }

    [Fact]
    public void Executions_and_their_time_are_computed_as_by_hand()
    {
        // Every 2.592 s: a second for the request, a second for the enrichment, a second for each tick, on 0.5 GB.
        var estimate = Calculate(new Workload { Events = 1_000_000 });

        Assert.Equal(500_000, Amount(estimate, "http time"), 1.0);
        Assert.Equal(500_000, Amount(estimate, "function:EnrichEvent time"), 1.0);
        Assert.Equal(TicksPerMonth * 0.5, Amount(estimate, "function:Tick time"), 1.0);
        Assert.Equal(0, Amount(estimate, "function:DeliverEvent time"));
        // (1,021,600 - 100,000) * 0.000026 + (2.0432 - 0.25) * 0.40
        Assert.Equal(23.96 + 0.72, estimate.TotalOf(CostModel.Functions), 0.01);
    }

    [Fact]
    public void Request_units_and_operations_are_computed_as_by_hand()
    {
        var estimate = Calculate(new Workload { Events = 1_000_000, Deliveries = 2, QueuedPercentage = 25, Consumers = 3 });

        Assert.Equal(1e6 * (7.5 + 1 + 6 + 14), Amount(estimate, "events"));
        Assert.Equal(1e6 * ((1.5 * (7 + 14)) + (0.5 * (7 + 3 + 14))), Amount(estimate, "deliveries"));
        // Published twice, matched twice, delivered to the enrichment and to three consumers, less 100,000.
        Assert.Equal((2 + 2 + 1 + 3 - 0.1) * 0.60, estimate.TotalOf(CostModel.EventGrid), 0.005);
        Assert.Equal(500_000, estimate.Groups.Single(g => g.Group == FunctionGroups.Deliver).Executions);
    }

    [Fact]
    public void An_event_with_its_own_data_costs_no_data_item_and_one_with_an_entity_a_link_and_a_query()
    {
        var ownData = Calculate(new Workload { Events = 1_000, OwnData = true });
        var entities = Calculate(new Workload { Events = 1_000, Entities = true });

        Assert.Equal(22_500, Amount(ownData, "events"));
        Assert.Equal(38_500, Amount(entities, "events"));
    }

    [Fact]
    public void What_overlaps_within_a_group_makes_it_cheaper()
    {
        var load = new Workload { Events = 200_000 };
        double[] seconds =
        [
            .. Enum.GetValues<ArrivalPattern>().Select(pattern => Billed(load with { Pattern = pattern }, FunctionGroups.Http)),
        ];

        Assert.Equal(200_000, seconds[0], 1.0);
        Assert.Equal([ArrivalPattern.Even, ArrivalPattern.Poisson, ArrivalPattern.Bursts], Enum.GetValues<ArrivalPattern>().OrderByDescending(pattern => seconds[(int)pattern]));
        // 2,000 bursts, each cold, that last 0.99 s and the 50 ms of the last request.
        Assert.Equal(2_000 * 1.1, seconds[2], 1.0);
    }

    [Fact]
    public void Waiting_is_billed()
    {
        // 25,920 events are 100 s apart, so that every one starts cold: 100 ms + 200 ms + 700 ms, and with a slow producer 10.8 s.
        var load = new Workload { Events = 25_920 };

        Assert.Equal(25_920, Billed(load, FunctionGroups.Enrich), 1.0);
        Assert.Equal(25_920 * 10.8, Billed(load with { Fetch = TimeSpan.FromSeconds(10) }, FunctionGroups.Enrich), 1.0);
    }

    [Fact]
    public void A_batch_is_one_request_whose_events_are_enriched_one_by_one()
    {
        var estimate = Calculate(new Workload { Events = 100_000, BatchSize = 10 });

        Assert.Equal(10_000, estimate.Groups.Single(g => g.Group == FunctionGroups.Http).Executions);
        Assert.Equal(100_000, estimate.Groups.Single(g => g.Group == FunctionGroups.Enrich).Executions);
    }

    [Fact]
    public void A_month_that_is_too_long_to_simulate_costs_in_proportion()
    {
        var load = new Workload { Events = 4_000_000, Pattern = ArrivalPattern.Even, HasFreeGrants = false };
        var whole = Calculate(load with { Events = 1_000_000 });
        var part = Calculate(load);

        // Exactly spaced at 0.648 s: windows hold two executions.
        Assert.Equal(4_000_000, part.Groups[0].Executions, 1.0);
        Assert.Equal(2_000_000, part.Groups[0].BilledSeconds, 10.0);
        Assert.Equal(4 * Amount(whole, "events"), Amount(part, "events"));
    }

    [Fact]
    public void Without_free_grants_all_is_paid()
    {
        var estimate = Calculate(new Workload { Events = 0, HasFreeGrants = false });

        Assert.DoesNotContain(estimate.Lines, line => line.Amount < 0);
        Assert.Equal(TicksPerMonth * ((0.5 * 0.000026) + (0.40 / 1e6)), estimate.TotalOf(CostModel.Functions), 0.005);
    }

    [Fact]
    public void Every_price_has_a_source_and_a_date_or_is_marked_as_remembered() => Assert.All(UnitPrices.List.Names.Select(name => UnitPrices.List[name]), price =>
    {
        Assert.Equal("https", price.Source.Scheme);
        Assert.Matches(@"^(\d{4}-\d\d-\d\d|remembered)$", price.AsOf);
        Assert.InRange(price.Dollars, 0.000001, 10);
    });

    private static CostEstimate Calculate(Workload load) => CostModel.Calculate(load, UnitPrices.List);

    private static double Billed(Workload load, string group) => Calculate(load).Groups.Single(g => g.Group == group).BilledSeconds;

    private static double Amount(CostEstimate estimate, string what) => estimate.Lines.Single(line => line.What == what).Amount;
}
