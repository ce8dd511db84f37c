using Pulumi;
using Pulumi.AzureNative.Monitor;
using Pulumi.AzureNative.Monitor.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>What wakes somebody up.</summary>
internal sealed class Alerts : ComponentResource
{
    /// <summary>The metric that counts events whose enrichment failed for good.</summary>
    public const string FailedEnrichments = "eventfunctions.enrichments.failed";

    /// <summary>The metric that says for how many seconds the longest waiting event has been due for the relay.</summary>
    public const string RelayBacklogAge = "eventfunctions.relay.backlog.age";

    /// <summary>The metric that says for how many seconds the delivery to a webhook that lost its message has been due.</summary>
    public const string WebhookBacklogAge = "eventfunctions.webhook.backlog.age";

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
            "Deliveries to webhooks have been due for more than a quarter of an hour, and nobody tries them.");
        OnLogs(
            "silent-timers",
            $"AppMetrics | where Name == '{WebhookBacklogAge}' | summarize Measured = count()",
            1,
            "No timer has told of itself for a quarter of an hour: nobody relays, pulls, watches or queues.",
            "LessThan");
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

    // The operator is not ConditionOperator's: in 3.28 that name is another API's, whose GreaterThan is "gt".
    private void OnLogs(string name, string query, double threshold, string meaning, string comparison = "GreaterThan") => _ = new ScheduledQueryRule(
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
            EvaluationFrequency = "PT5M",
            WindowSize = "PT15M",
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
                        Operator = comparison,
                        Threshold = threshold,
                        FailingPeriods = new ConditionFailingPeriodsArgs { NumberOfEvaluationPeriods = 1, MinFailingPeriodsToAlert = 1 },
                    },
                },
            },
            Actions = new ActionsArgs { ActionGroups = _observability.Group is { } group ? [group.Id] : [] },
        },
        new() { Parent = this });
}
