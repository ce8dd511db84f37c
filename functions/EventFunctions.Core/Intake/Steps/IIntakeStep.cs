namespace EventFunctions.Intake.Steps;

/// <summary>Acts on the events that the rules accepted.</summary>
internal interface IIntakeStep
{
    Task RunAsync(IReadOnlyList<IntakeItem> items, CancellationToken budget);
}
