using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventFunctions.Infra.Components;

namespace EventFunctions.Infra.Tests;

/// <summary>What operators see and read: the workbook, the alerts, and the guide to both.</summary>
public sealed class OperationsTests
{
    private static readonly string Guide = Read(typeof(OperationsTests), "operate.md");

    private static readonly HashSet<string> Metrics =
        [.. Regex.Matches(Guide, @"^\| `([a-z_.]+)` \| (?:counter|gauge|histogram) \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    [Fact]
    public async Task The_guide_counts_the_alerts_that_the_stack_pays_for()
    {
        var run = await Run.WithAsync();
        var every = run.OfType("monitor:ScheduledQueryRule").CountBy(alert => alert.Text("evaluationFrequency")!).ToDictionary();
        using var guide = new StreamReader(typeof(OperationsTests).Assembly.GetManifestResourceStream("deploy.md")!);

        Assert.Equal(["PT15M", "PT5M"], every.Keys.Order());
        Assert.Contains(
            $"{every["PT5M"]} log alerts every 5 minutes, {every["PT15M"]} every 15 minutes\nand {run.OfType("monitor:MetricAlert").Count()} metric alerts",
            await guide.ReadToEndAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_alert_has_a_section_in_the_guide_and_every_section_an_alert()
    {
        var run = await Run.WithAsync();
        var alerts = run.OfType("monitor:MetricAlert").Concat(run.OfType("monitor:ScheduledQueryRule")).Select(alert => alert.Name);

        var section = Guide[Guide.IndexOf("\n## Alerts", StringComparison.Ordinal)..Guide.IndexOf("\n## Back up", StringComparison.Ordinal)];
        var headings = Regex.Matches(section, "^### (.+)$", RegexOptions.Multiline).SelectMany(match => match.Groups[1].Value.Split(", "));
        Assert.Equal(alerts.Order(StringComparer.Ordinal), headings.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_alert_on_a_metric_reads_one_that_there_is()
    {
        var run = await Run.WithAsync();

        var watched = run.OfType("monitor:ScheduledQueryRule").SelectMany(alert => MetricsIn(alert.Text("criteria.allOf.0.query")!)).ToList();
        Assert.NotEmpty(watched);
        Assert.Subset(Metrics, watched.ToHashSet());
    }

    [Theory]
    [InlineData("relay-backlog", 900, "GreaterThan")]
    [InlineData("webhook-backlog", 900, "GreaterThan")]
    [InlineData("silent-relay", 1, "LessThan")]
    [InlineData("silent-feeds", 1, "LessThan")]
    [InlineData("silent-monitoring", 1, "LessThan")]
    [InlineData("silent-deliveries", 1, "LessThan")]
    [InlineData("silent-jobs", 1, "LessThan")]
    [InlineData("answered-posts", 1, "GreaterThan")]
    [InlineData("completed-in-time", 1, "GreaterThan")]
    [InlineData("failed-enrichments", 0, "GreaterThan")]
    [InlineData("server-errors", 0, "GreaterThan")]
    public async Task An_alert_on_logs_fires_when_the_guide_says(string name, int threshold, string comparison)
    {
        var alert = (await Run.WithAsync())[name];

        Assert.Equal("true", alert.Text("enabled"));
        Assert.Equal(["id:logs"], alert.Texts("scopes"));
        Assert.Equal($"Measured {comparison}", $"{alert.Text("criteria.allOf.0.metricMeasureColumn")} {alert.Text("criteria.allOf.0.operator")}");
        Assert.Equal(threshold, double.Parse(alert.Text("criteria.allOf.0.threshold")!, CultureInfo.InvariantCulture));
        Assert.Contains("Measured = ", alert.Text("criteria.allOf.0.query"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_part_of_the_tick_has_an_alert_on_the_absence_of_its_completed_runs()
    {
        var run = await Run.WithAsync();
        var row = Guide.Split('\n').Single(line => line.StartsWith("| `eventfunctions.tick.runs` ", StringComparison.Ordinal));
        var parts = Regex.Matches(row.Split("`part`: ")[1].Split(';')[0], "`([a-z]+)`").Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(5, parts.Count);
        Assert.All(parts, part =>
        {
            var query = run["silent-" + part].Text("criteria.allOf.0.query")!;
            Assert.Contains($"tostring(Properties['part']) == '{part}' and tostring(Properties['result']) == 'completed'", query, StringComparison.Ordinal);
            Assert.Equal("PT15M", run["silent-" + part].Text("windowSize"));
        });
    }

    [Theory]
    [InlineData("answered-posts", "0.001")]
    [InlineData("completed-in-time", "0.01")]
    public async Task An_objective_is_watched_by_its_burn_rate_over_one_hour_and_six(string name, string share)
    {
        var alert = (await Run.WithAsync())[name];

        Assert.Equal("PT6H", alert.Text("windowSize"));
        Assert.EndsWith(
            $"max_of(iff(Bad1 >= 5, Bad1 / All1 / {share} / 14.4, 0.0), iff(Bad6 >= 5, Bad6 / All6 / {share} / 6, 0.0))",
            alert.Text("criteria.allOf.0.query"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_tells_operators_and_logs_have_a_cap()
    {
        var none = await Run.WithAsync();
        var run = await Run.WithAsync(("monthlyBudget", "75"), ("dailyLogGigabytes", "3"), ("alertEmails", """["oncall@example.com"]"""));
        var budget = run["monthly-budget"];

        Assert.Empty(none.OfType("consumption:Budget"));
        Assert.Equal("1", none["logs"].Text("workspaceCapping.dailyQuotaGb"));
        Assert.Equal("3", run["logs"].Text("workspaceCapping.dailyQuotaGb"));
        Assert.Equal("75 Monthly Cost", $"{budget.Text("amount")} {budget.Text("timeGrain")} {budget.Text("category")}");
        Assert.EndsWith("/resourceGroups/events-test", budget.Text("scope"), StringComparison.Ordinal);
        Assert.Equal("80 Actual", $"{budget.Text("notifications.spent.threshold")} {budget.Text("notifications.spent.thresholdType")}");
        Assert.Equal("100 Forecasted", $"{budget.Text("notifications.forecast.threshold")} {budget.Text("notifications.forecast.thresholdType")}");
        Assert.Equal(["oncall@example.com"], budget.Texts("notifications.forecast.contactEmails"));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-01T00:00:00Z$", budget.Text("timePeriod.startDate"));
    }

    [Theory]
    [InlineData("dead-letters", "DeadLetteredCount", "events-topic", "topics")]
    [InlineData("dropped-events", "DroppedEventCount", "events-topic", "topics")]
    [InlineData("undelivered-dead-letters", "DeadLetteredCount", "storage-topic", "systemTopics")]
    public async Task An_alert_on_a_topic_fires_at_the_first_event(string name, string metric, string topic, string kind)
    {
        var alert = Assert.Single((await Run.WithAsync()).OfType("monitor:MetricAlert"), a => a.Name == name);

        Assert.Equal("true", alert.Text("enabled"));
        Assert.Equal([$"id:{topic}"], alert.Texts("scopes"));
        Assert.Equal($"Microsoft.EventGrid/{kind}", alert.Text("criteria.allOf.0.metricNamespace"));
        Assert.Equal($"{metric} Total GreaterThan", $"{alert.Text("criteria.allOf.0.metricName")} {alert.Text("criteria.allOf.0.timeAggregation")} {alert.Text("criteria.allOf.0.operator")}");
        Assert.Equal(0, double.Parse(alert.Text("criteria.allOf.0.threshold")!, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("topic", "id:events-topic", "DeliveryFailures", "PublishFailures")]
    [InlineData("store", "id:store-account", "ControlPlaneRequests")]
    [InlineData("storage", "id:storage-account/blobServices/default", "StorageWrite", "StorageDelete")]
    public async Task Logs_that_the_guide_looks_at_reach_the_workspace(string name, string resource, params string[] categories)
    {
        var diagnostics = (await Run.WithAsync())[$"{name}-diagnostics"];

        Assert.Equal($"{resource} id:logs", $"{diagnostics.Text("resourceUri")} {diagnostics.Text("workspaceId")}");
        Assert.Equal(categories, diagnostics.Texts("logs", "category"));
        Assert.All(diagnostics.Texts("logs", "enabled"), enabled => Assert.Equal("true", enabled));
    }

    [Fact]
    public async Task The_workbook_is_made_of_the_file_for_the_workspace()
    {
        var run = await Run.WithAsync();
        var workbook = run["workbook"];

        Assert.Equal("id:logs", workbook.Text("sourceId"));
        Assert.Equal("shared", workbook.Text("kind"));
        Assert.True(Guid.TryParse(workbook.Text("resourceName"), out _));
        var made = JsonNode.Parse(workbook.Text("serializedData")!)!.AsObject();
        Assert.Equal(["id:logs"], made["fallbackResourceIds"]!.AsArray().Select(id => id!.GetValue<string>()));
        var file = Read(typeof(ServiceWorkbook), ServiceWorkbook.Definition);
        Assert.DoesNotContain("/subscriptions/", file, StringComparison.OrdinalIgnoreCase);
        made["fallbackResourceIds"] = new JsonArray();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(file), made));
    }

    [Fact]
    public void The_workbook_shows_arrivals_failures_backlog_latency_and_charges_from_metrics_that_there_are()
    {
        var items = JsonNode.Parse(ServiceWorkbook.Fill("workspace"))!["items"]!.AsArray();
        var charts = items.Where(item => item!["type"]!.GetValue<int>() == 3).Select(item => item!["content"]!).ToList();

        Assert.Equal(items.Count, items.Select(item => item!["name"]!.GetValue<string>()).Distinct().Count());
        Assert.All(charts, chart => Assert.Equal("TimeRange", chart["timeContextFromParameter"]!.GetValue<string>()));
        var shown = charts.SelectMany(chart => MetricsIn(chart["query"]!.GetValue<string>())).ToHashSet();
        Assert.Subset(Metrics, shown);
        Assert.Superset(
            new HashSet<string>
            {
                "eventfunctions.events.accepted", "eventfunctions.events.refused", "eventfunctions.enrichments.failed", "eventfunctions.relay.backlog.age",
                "eventfunctions.event.completion.duration", "azure.cosmosdb.client.operation.request_charge",
            },
            shown);
    }

    // In KQL's single quotes, and with a dot: names of attributes stand in brackets.
    private static IEnumerable<string> MetricsIn(string query) =>
        Regex.Matches(query, @"(?<!\[)'([a-z_]+(?:\.[a-z_]+)+)'").Select(match => match.Groups[1].Value);

    private static string Read(Type beside, string name)
    {
        using var reader = new StreamReader(beside.Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
