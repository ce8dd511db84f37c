using EventFunctions.Intake;
using Microsoft.Extensions.Options;

namespace EventFunctions.Http;

/// <summary>
/// Bounds what the bodies of intake's requests cost an instance. Messages need no key, so they have a budget of their own and
/// cannot use up that of posted events.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="options">The limits.</param>
public sealed class BodyLimits(TimeProvider time, IOptions<IntakeOptions> options)
{
    /// <summary>The budget of posted events.</summary>
    internal BodyBudget Events { get; } = new(options.Value.MaxBufferedBytes, options.Value.BodyBudget, time);

    /// <summary>The budget of messages.</summary>
    internal BodyBudget Messages { get; } = new(options.Value.MaxBufferedBytes, options.Value.BodyBudget, time);
}
