using System.Globalization;
using Pulumi;
using Pulumi.AzureNative.Consumption;
using Pulumi.AzureNative.Consumption.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>The month's budget of the resource group. It reports; it stops nothing.</summary>
internal static class MonthlyBudget
{
    /// <summary>Makes the budget.</summary>
    /// <param name="placement">The resource group.</param>
    /// <param name="amount">The amount, in the currency that the subscription is billed in.</param>
    /// <param name="emails">Who is told at 80 % of it, and when the forecast exceeds it.</param>
    /// <param name="parent">The component that it is part of.</param>
    public static Budget Create(Placement placement, int amount, IReadOnlyList<string> emails, Resource parent)
    {
        var contacts = new InputList<string>();
        foreach (var email in emails)
            contacts.Add(email);

        return new(
            "monthly-budget",
            new()
            {
                BudgetName = placement.Local("budget"),
                Scope = Output.Format($"/subscriptions/{placement.SubscriptionId}/resourceGroups/{placement.ResourceGroup}"),
                Category = CategoryType.Cost,
                Amount = amount,
                TimeGrain = TimeGrainType.Monthly,
                // Azure accepts the first day of the current month only, and keeps it.
                TimePeriod = new BudgetTimePeriodArgs { StartDate = DateTime.UtcNow.ToString("yyyy-MM-01T00:00:00Z", CultureInfo.InvariantCulture) },
                Notifications =
                {
                    ["spent"] = Notification(80, ThresholdType.Actual, contacts),
                    ["forecast"] = Notification(100, ThresholdType.Forecasted, contacts),
                },
            },
            new() { Parent = parent, IgnoreChanges = { "timePeriod" } });
    }

    private static NotificationArgs Notification(int percent, ThresholdType kind, InputList<string> contacts) => new()
    {
        Enabled = true,
        Operator = OperatorType.GreaterThanOrEqualTo,
        Threshold = percent,
        ThresholdType = kind,
        ContactEmails = contacts,
    };
}
