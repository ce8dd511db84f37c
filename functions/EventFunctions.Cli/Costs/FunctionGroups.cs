namespace EventFunctions.Cli.Costs;

/// <summary>
/// The groups of functions that scale and are billed apart on Flex Consumption: all HTTP functions are one, every other function is its own.
/// A test compares them with the functions' attributes.
/// </summary>
internal static class FunctionGroups
{
    public const string Http = "http";

    public const string Enrich = "function:EnrichEvent";

    public const string Deliver = "function:DeliverEvent";

    public const string RecordDeadLetters = "function:RecordDeadLetters";

    public const string Tick = "function:Tick";

    /// <summary>All groups.</summary>
    public static IReadOnlyList<string> All { get; } = [Http, Enrich, Deliver, RecordDeadLetters, Tick];
}
