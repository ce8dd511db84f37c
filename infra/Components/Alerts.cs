using System.Globalization;
using Pulumi;
using Pulumi.AzureNative.Monitor;
using Pulumi.AzureNative.Monitor.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>The alerts of the stack.</summary>
internal sealed class Alerts : ComponentResource
{
    /// <summary>The metric that counts events whose enrichment failed for good.</summary>
    public const string FailedEnrichments = "eventfunctions.enrichments.failed";

    /// <summary>The metric that says for how many seconds the longest waiting event has been due for the relay.</summary>
    public const string RelayBacklogAge = "eventfunctions.relay.backlog.age";

    /// <summary>The metric that says for how many seconds the delivery to a webhook that lost its message has been due.</summary>
    public const string WebhookBacklogAge = "eventfunctions.webhook.backlog.age";

    /// <summary>The metric that counts the runs of each part of the tick.</summary>
    public const string TickRuns = "eventfunctions.tick.runs";

    /// <summary>The metric that counts POSTs, answered or not.</summary>
    public const string Posts = "eventfunctions.intake.requests";

    /// <summary>The metric that counts events that were accepted.</summary>
    public const string Accepted = "eventfunctions.events.accepted";

    /// <summary>The metric that counts events that were completed, in time or not.</summary>
    public const string Completed = "eventfunctions.events.completed";

    private static readonly string[] TickParts = ["relay", "feeds", "monitoring", "deliveries", "jobs"];

    private const string Topics = "Microsoft.EventGrid/topics";

    private readonly Placement _placement;
    private readonly Observability _observability;

    /// <summary>Makes the alerts.</summary>
    public Alerts(Placement placement, Observability observability, EventTopic topic, DeadLetters deadLetters)
        : base("eventfunctions:infra:Alerts", "alerts")
    {
        _placement = placement;
        _observability = observability;
        OnTopic("dead-letters", topic.Topic.Id, Topics, "DeadLetteredCount", "Event Grid gave up on events; they are in the dead-letter containers.");
        OnTopic("dropped-events", topic.Topic.Id, Topics, "DroppedEventCount", "Event Grid lost events: they expired and no dead-letter container could be written.");
        OnTopic(
            "undelivered-dead-letters",
            deadLetters.TopicId,
            "Microsoft.EventGrid/systemTopics",
            "DeadLetteredCount",
            "Dead letters could not be recorded: what they are about still counts as on its way.");
        OnLogs(
            "relay-backlog",
            $"AppMetrics | where Name == '{RelayBacklogAge}' | summarize Measured = max(Max)",
            900,
            "Recorded events have been waiting for the relay for more than a quarter of an hour.");
        OnLogs(
            "webhook-backlog",
            $"AppMetrics | where Name == '{WebhookBacklogAge}' | summarize Measured = max(Max)",
            900,
            "Deliveries to webhooks have been due for more than a quarter of an hour without an attempt.");
        foreach (var part in TickParts)
        {
            OnLogs(
                $"silent-{part}",
                $"AppMetrics | where Name == '{TickRuns}' and tostring(Properties['part']) == '{part}' and tostring(Properties['result']) == 'completed' | summarize Measured = sum(Sum)",
                1,
                $"The part {part} of the tick was not completed for a quarter of an hour.",
                Rule.Absence);
        }

        // An answer that refuses is one, too; 0.1 % may fail.
        OnLogs(
            "answered-posts",
            $"AppMetrics | where Name == '{Posts}' | extend All = Sum, Bad = iff(tostring(Properties['result']) == 'failed', Sum, 0.0)" + BurnRate(0.001),
            1,
            "Too many POSTs are not answered: at this rate the month's share of 0.1 % is spent in days.",
            Rule.Objective);

        // What was accepted in the last minutes may still come in time; 1 % may not.
        OnLogs(
            "completed-in-time",
            $"AppMetrics | where Name in ('{Accepted}', '{Completed}') | extend All = iff(Name == '{Accepted}' and tostring(Properties['status']) == 'recorded' and TimeGenerated < ago(5m), Sum, 0.0), "
            + $"InTime = iff(Name == '{Completed}' and tostring(Properties['in_time']) == 'true', Sum, 0.0) | extend Bad = All - InTime" + BurnRate(0.01),
            1,
            "Too many events are not completed within 60 seconds: at this rate the month's share of 1 % is spent in days.",
            Rule.Objective);
        OnLogs(
            "failed-enrichments",
            $"AppMetrics | where Name == '{FailedEnrichments}' | summarize Measured = sum(Sum)",
            0,
            "Events failed for good: list them with GET /api/events?status=failed.");
        OnLogs(
            "server-errors",
            "AppRequests | where toint(ResultCode) >= 500 and Name !in ('StreamEvents', 'GetHealth') and not(Url has_any ('/api/stream', '/api/health')) | summarize Measured = sum(ItemCount)",
            0,
            "The function app answered requests with 5xx.");
        RegisterOutputs();
    }

    private void OnTopic(string name, Input<string> topic, string kind, string metric, string meaning)
    {
        var actions = new InputList<MetricAlertActionArgs>();
        if (_observability.Group is { } group)
            actions.Add(new MetricAlertActionArgs { ActionGroupId = group.Id });

        _ = new MetricAlert(
            name,
            new()
            {
                RuleName = _placement.Local(name),
                ResourceGroupName = _placement.ResourceGroup,
                Location = "global",
                Description = meaning,
                Enabled = true,
                Severity = 1,
                Scopes = { topic },
                EvaluationFrequency = "PT5M",
                WindowSize = "PT5M",
                AutoMitigate = true,
                Criteria = new MetricAlertSingleResourceMultipleMetricCriteriaArgs
                {
                    OdataType = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                    AllOf =
                    {
                        new MetricCriteriaArgs
                        {
                            CriterionType = "StaticThresholdCriterion",
                            Name = metric,
                            MetricNamespace = kind,
                            MetricName = metric,
                            TimeAggregation = AggregationTypeEnum.Total,
                            Operator = Operator.GreaterThan,
                            Threshold = 0,
                        },
                    },
                },
                Actions = actions,
            },
            new() { Parent = this });
    }

    // How much faster than allowed the bad ones come, in the last hour and in the last six: 14.4 spends a fiftieth of a month's share in
    // an hour, 6 a twentieth in six hours. Fewer than five prove nothing.
    private static string BurnRate(double share)
    {
        var allowed = share.ToString(CultureInfo.InvariantCulture);
        return " | summarize Bad1 = sumif(Bad, TimeGenerated > ago(1h)), All1 = sumif(All, TimeGenerated > ago(1h)), Bad6 = sum(Bad), All6 = sum(All)"
            + $" | project Measured = max_of(iff(Bad1 >= 5, Bad1 / All1 / {allowed} / 14.4, 0.0), iff(Bad6 >= 5, Bad6 / All6 / {allowed} / 6, 0.0))";
    }

    private void OnLogs(string name, string query, double threshold, string meaning) => OnLogs(name, query, threshold, meaning, Rule.Excess);

    // The operator is not ConditionOperator's: in 3.28 that name is another API's, whose GreaterThan is "gt".
    private void OnLogs(string name, string query, double threshold, string meaning, Rule rule) => _ = new ScheduledQueryRule(
        name,
        new()
        {
            RuleName = _placement.Local(name),
            ResourceGroupName = _placement.ResourceGroup,
            Location = _placement.Region,
            Kind = Kind.LogAlert,
            DisplayName = name,
            Description = meaning,
            Enabled = true,
            Severity = 2,
            Scopes = { _observability.Workspace.Id },
            EvaluationFrequency = rule.Frequency,
            WindowSize = rule.Window,
            AutoMitigate = true,
            // The tables come into being with the first telemetry.
            SkipQueryValidation = true,
            Criteria = new ScheduledQueryRuleCriteriaArgs
            {
                AllOf =
                {
                    new ConditionArgs
                    {
                        Query = query,
                        MetricMeasureColumn = "Measured",
                        TimeAggregation = TimeAggregation.Maximum,
                        Operator = rule.Comparison,
                        Threshold = threshold,
                        FailingPeriods = new ConditionFailingPeriodsArgs { NumberOfEvaluationPeriods = 1, MinFailingPeriodsToAlert = 1 },
                    },
                },
            },
            Actions = new ActionsArgs { ActionGroups = _observability.Group is { } group ? [group.Id] : [] },
        },
        new() { Parent = this });

    /// <summary>How often a query is asked, about what time, and when its result is an alert.</summary>
    private sealed record Rule(string Frequency, string Window, string Comparison)
    {
        public static Rule Excess { get; } = new("PT5M", "PT15M", "GreaterThan");

        // There is one for each part, and a rule costs the less the more seldom it is evaluated.
        public static Rule Absence { get; } = new("PT15M", "PT15M", "LessThan");

        public static Rule Objective { get; } = new("PT5M", "PT6H", "GreaterThan");
    }
}
