using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.Monitor;
using Pulumi.AzureNative.Monitor.Inputs;
using ApplicationInsights = Pulumi.AzureNative.ApplicationInsights;
using Logs = Pulumi.AzureNative.OperationalInsights;

namespace EventFunctions.Infra.Components;

/// <summary>Where logs, traces and metrics go, and who is told when something is wrong.</summary>
internal sealed class Observability : ComponentResource
{
    /// <summary>Makes the workspace, Application Insights, the workbook, and the group of those who are told.</summary>
    public Observability(Placement placement, StackSettings settings)
        : base("eventfunctions:infra:Observability", "observability")
    {
        var child = new CustomResourceOptions { Parent = this };
        Workspace = new Logs.Workspace(
            "logs",
            new()
            {
                WorkspaceName = placement.Local("logs"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Sku = new Logs.Inputs.WorkspaceSkuArgs { Name = Logs.WorkspaceSkuNameEnum.PerGB2018 },
                RetentionInDays = settings.LogDays,
                WorkspaceCapping = new Logs.Inputs.WorkspaceCappingArgs { DailyQuotaGb = settings.DailyLogGigabytes },
                Features = new Logs.Inputs.WorkspaceFeaturesArgs { DisableLocalAuth = true },
            },
            child);
        Insights = new ApplicationInsights.Component(
            "insights",
            new()
            {
                ResourceName = placement.Local("insights"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Kind = "web",
                ApplicationType = ApplicationInsights.ApplicationType.Web,
                IngestionMode = ApplicationInsights.IngestionMode.LogAnalytics,
                WorkspaceResourceId = Workspace.Id,
                DisableLocalAuth = true,
            },
            child);
        ServiceWorkbook.Create(placement, Workspace.Id, this);
        Group = settings.AlertEmails.Count == 0 ? null : Tell(placement, settings.AlertEmails);
        if (settings.MonthlyBudget is { } budget)
            MonthlyBudget.Create(placement, budget, settings.AlertEmails, this);

        RegisterOutputs();
    }

    /// <summary>The Log Analytics workspace.</summary>
    public Logs.Workspace Workspace { get; }

    /// <summary>Application Insights, over the workspace.</summary>
    public ApplicationInsights.Component Insights { get; }

    /// <summary>Who is told; null: alerts show in the portal only.</summary>
    public ActionGroup? Group { get; }

    /// <summary>Sends logs of a resource to the workspace.</summary>
    /// <param name="name">The resource's name here.</param>
    /// <param name="resource">The resource's ID.</param>
    /// <param name="categories">The categories of logs.</param>
    public DiagnosticSetting Diagnose(string name, Input<string> resource, params IEnumerable<string> categories)
    {
        var logs = new InputList<DiagnosticsLogSettingsArgs>();
        foreach (var category in categories)
            logs.Add(new DiagnosticsLogSettingsArgs { Category = category, Enabled = true });

        return new(
            $"{name}-diagnostics",
            new() { Name = "to-workspace", ResourceUri = resource, WorkspaceId = Workspace.Id, Logs = logs },
            new() { Parent = this });
    }

    private ActionGroup Tell(Placement placement, IReadOnlyList<string> emails)
    {
        var receivers = new InputList<MicrosoftCommonEmailReceiverArgs>();
        foreach (var email in emails)
            receivers.Add(new MicrosoftCommonEmailReceiverArgs { Name = email, EmailAddress = email, UseCommonAlertSchema = true });

        return new ActionGroup(
            "operators",
            new()
            {
                ActionGroupName = placement.Local("operators"),
                ResourceGroupName = placement.ResourceGroup,
                Location = "Global",
                GroupShortName = placement.Name,
                Enabled = true,
                EmailReceivers = receivers,
            },
            new() { Parent = this });
    }
}
