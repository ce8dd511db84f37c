using EventFunctions.Cli;

namespace EventFunctions.Tests.Cli;

public sealed class CalculationCommandTests
{
    [Fact]
    public async Task Costs_are_shown_with_unit_prices_and_sources_and_without_a_service()
    {
        var run = await RunAsync("costs", "--events", "10000", "--memory", "2048");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith("functions ", StringComparison.Ordinal) && line.Contains("function:EnrichEvent time", StringComparison.Ordinal));
        Assert.Matches(@"\nTotal: \$\d+\.\d\d a month, for 10,000 events at 2048 MB\.\n", run.Output);
        Assert.Contains("https://azure.microsoft.com/pricing/details/functions/", run.Output, StringComparison.Ordinal);
        Assert.Contains(run.Lines, line => line.StartsWith("patch record ", StringComparison.Ordinal) && line.Contains(" estimate ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_total_in_JSON_is_the_sum_of_the_lines_and_leaves_out_what_is_apart()
    {
        var json = Assert.Single((await RunAsync("costs", "--events", "300000", "--pattern", "poisson", "--json")).Json);
        var lines = json.GetProperty("lines").EnumerateArray().ToList();

        Assert.Equal(json.GetProperty("total").GetDouble(), lines.Sum(line => line.GetProperty("dollars").GetDouble()), 0.01);
        Assert.All(lines, line => Assert.NotEqual("", line.GetProperty("asOf").GetString()));
        Assert.All(lines, line => Assert.NotEqual("", line.GetProperty("unit").GetString()));
        Assert.Contains(json.GetProperty("charges").EnumerateArray(), charge => !charge.GetProperty("isDocumented").GetBoolean());
        Assert.Equal(["alerts", "tests"], json.GetProperty("apart").EnumerateArray().Select(line => line.GetProperty("part").GetString()).Distinct());
    }

    [Fact]
    public async Task A_unit_price_can_be_replaced()
    {
        var list = await TotalAsync();
        var doubled = await TotalAsync("--price", "request-unit=0.5", "--price", "stored-gigabyte=0.5");
        var store = await TotalAsync("--price", "request-unit=0", "--price", "stored-gigabyte=0");

        Assert.Equal(list - store, doubled - list, 0.02);
        Assert.True(list > store);
    }

    [Theory]
    [InlineData("costs --events many", "--events must be a whole number from 0 to 1000000000000, but is 'many'.")]
    [InlineData("costs --pattern random", "--pattern must be even, poisson or bursts, but is 'random'.")]
    [InlineData("costs --memory 1024", "--memory must be 512, 2048 or 4096, but is '1024'.")]
    [InlineData("costs --price gb=1", "--price 'gb=1' must be NAME=DOLLARS. Use one of availability-test, ")]
    [InlineData("costs --price gb-second=-1", "--price 'gb-second=-1' must be NAME=DOLLARS.")]
    [InlineData("capacity --rate 0", "--rate must be a whole number from 1 to 1000000, but is '0'.")]
    public async Task A_wrong_value_is_refused_with_what_is_possible(string line, string expected)
    {
        var run = await RunAsync(line.Split(' '));

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    // 28.5 RU for an event; 5,000 RU/s of a serverless container.
    [InlineData("--rate 176 --quota 1000000", "container events, one partition", 175, true)]
    [InlineData("--rate 175 --quota 1000000", "container events, one partition", 175, false)]
    // 22.5 RU with its own data.
    [InlineData("--rate 1 --quota 1000000 --own-data", "container events, one partition", 222, false)]
    // 100 events a second are 6,000 a minute.
    [InlineData("--rate 101", "quota of one producer on one instance", 100, true)]
    // A delivery through the queue: 7 + 3 + 14 RU, and more than four deliveries all go through it.
    [InlineData("--rate 1 --quota 1000000 --deliveries 2 --queued 100", "container deliveries, one partition", 104, false)]
    [InlineData("--rate 1 --quota 1000000 --deliveries 5", "container deliveries, one partition", 41, false)]
    // A provisioned account gives containers 1,000 RU/s unless they have more: 7 RU and 3 of a query for an entity.
    [InlineData("--rate 1 --quota 1000000 --events-throughput 100000 --deliveries 5", "container deliveries", 8, false)]
    [InlineData("--rate 1 --quota 1000000 --events-throughput 100000 --entities", "container entities", 100, false)]
    // One webhook's partition takes 10,000 RU/s.
    [InlineData("--rate 1 --quota 1000000 --events-throughput 100000", "bytes published to the topic", 1_250, false)]
    [InlineData("--rate 1 --quota 1000000 --events-throughput 100000 --deliveries 1 --deliveries-throughput 100000", "partition of one webhook's deliveries", 476, false)]
    [InlineData("--rate 1 --quota 1000000 --events-throughput 100000 --data-kb 0", "events published to the topic", 2_500, false)]
    // 10 s of waiting and 100 ms, ten at once on each of 100 instances.
    [InlineData("--rate 1 --quota 1000000 --fetch-ms 10000 --concurrency 10", "instances of function:EnrichEvent", 99, false)]
    [InlineData("--rate 1 --consumers 500", "subscriptions of the topic", 0, true)]
    public async Task The_limit_that_a_rate_meets_first_is_named_with_the_rate(string options, string first, double metAt, bool exceeded)
    {
        var json = Assert.Single((await RunAsync(["capacity", .. options.Split(' '), "--json"])).Json);
        var limit = json.GetProperty("limits")[0];

        Assert.Equal(
            (first, first, metAt, exceeded),
            (json.GetProperty("first").GetString(), limit.GetProperty("name").GetString(), limit.GetProperty("metAt").GetDouble(), json.GetProperty("isExceeded").GetBoolean()));
        Assert.All(json.GetProperty("limits").EnumerateArray(), l => Assert.NotEqual("", l.GetProperty("source").GetString() + l.GetProperty("remedy").GetString()));
    }

    [Fact]
    public async Task Every_limit_that_is_exceeded_is_shown_with_what_to_do()
    {
        var run = await RunAsync("capacity", "--rate", "300");

        Assert.Contains("\nAt 300 events a second the first limit is exceeded: quota of one producer on one instance, met at 100 events a second.\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n- quota of one producer on one instance: Raise Quotas__EventsPerMinute", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n- container events, one partition: Set cosmosAutoscale", run.Output, StringComparison.Ordinal);
    }

    private static async Task<double> TotalAsync(params string[] args)
    {
        var run = await RunAsync(["costs", "--events", "100000", .. args, "--json"]);
        return Assert.Single(run.Json).GetProperty("total").GetDouble();
    }

    private static Task<ToolRun> RunAsync(params string[] args) =>
        ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, args, TestContext.Current.CancellationToken);
}
