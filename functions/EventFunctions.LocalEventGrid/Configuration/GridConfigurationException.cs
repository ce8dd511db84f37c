namespace EventFunctions.Local.EventGrid;

/// <summary>Topics or subscriptions that cannot be: all that is wrong with them, each with where it is.</summary>
public sealed class GridConfigurationException(IReadOnlyList<string> errors)
    : Exception("The local Event Grid's configuration is wrong:" + string.Concat(errors.Select(e => Environment.NewLine + "  " + e)))
{
    /// <summary>What is wrong, each as <c>/json/pointer: what</c>.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
