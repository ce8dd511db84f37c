namespace EventFunctions.Local.EventGrid;

/// <summary>Thrown when topics, subscriptions or the folder for dead letters are invalid, with all errors and their places.</summary>
public sealed class GridConfigurationException(IReadOnlyList<string> errors)
    : Exception("The local Event Grid's configuration is wrong:" + string.Concat(errors.Select(e => Environment.NewLine + "  " + e)))
{
    /// <summary>The errors; those of topics and subscriptions as <c>/json/pointer: error</c>.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
