namespace EventFunctions.Ticks;

/// <summary>A part of a tick.</summary>
/// <param name="Name">Names it in metrics, logs and alerts.</param>
/// <param name="Budget">When its cancellation token is cancelled.</param>
/// <param name="RunAsync">Does what is due. Two runs at once, also on other instances, must do no harm.</param>
public sealed record TickPart(string Name, TimeSpan Budget, Func<CancellationToken, Task> RunAsync);
