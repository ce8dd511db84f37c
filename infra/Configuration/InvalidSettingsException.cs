using Pulumi;

namespace EventFunctions.Infra.Configuration;

/// <summary>The stack's configuration is wrong. The message has one line for each error, with the key and an example.</summary>
/// <param name="errors">The errors.</param>
internal sealed class InvalidSettingsException(IReadOnlyList<string> errors)
    : RunException("The stack's configuration is wrong:\n" + string.Join('\n', errors.Select(e => "- " + e)))
{
    /// <summary>The errors, one line each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
