using Microsoft.Extensions.Options;

namespace EventFunctions.Settings;

/// <summary>Options that check more than their types and ranges.</summary>
public interface ICheckedOptions
{
    /// <summary>Checks the options.</summary>
    /// <returns>One line for each setting that is wrong, with its name and an example.</returns>
    IEnumerable<string> Validate();
}

/// <summary>Runs the checks of options at start.</summary>
internal sealed class CheckedOptions<TOptions> : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options) =>
        (options as ICheckedOptions)?.Validate().ToList() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
}
