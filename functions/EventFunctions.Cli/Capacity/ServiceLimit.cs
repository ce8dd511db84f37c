namespace EventFunctions.Cli.Capacity;

/// <summary>A limit and how much of it a rate takes.</summary>
/// <param name="Name">What is limited.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Limit">How much there is.</param>
/// <param name="UsePerEvent">How much one event a second takes.</param>
/// <param name="Fixed">How much is taken at any rate.</param>
/// <param name="Source">Where the limit is stated.</param>
/// <param name="Remedy">What to do when it is met.</param>
internal sealed record ServiceLimit(string Name, string Unit, double Limit, double UsePerEvent, double Fixed, string Source, string Remedy)
{
    /// <summary>The rate at which the limit is met, in events a second; null if no rate does.</summary>
    public double? MetAt => Fixed > Limit ? 0 : UsePerEvent > 0 ? (Limit - Fixed) / UsePerEvent : null;

    /// <summary>Returns how much a rate takes.</summary>
    public double UseAt(double rate) => Fixed + (rate * UsePerEvent);

    /// <summary>Returns whether a rate is more than the limit allows.</summary>
    public bool IsExceededAt(double rate) => UseAt(rate) > Limit;
}
