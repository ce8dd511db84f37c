using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>Distinguishes faults that an operator can correct, for example by a setting, from errors in the program.</summary>
internal static class StartFault
{
    /// <summary>The exit code for what can be mended.</summary>
    public const int ExitCode = 2;

    /// <summary>Returns the fault and its remedy.</summary>
    /// <param name="exception">What ended the start.</param>
    /// <returns>One line, or null for an error in the program.</returns>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException or StoreUnavailableException or UnsafeFileException => exception.Message.ReplaceLineEndings(" "),
        AggregateException several => several.InnerExceptions.Select(Explain).ToList() is var all && !all.Contains(null) ? string.Join(' ', all) : null,
        _ => null,
    };
}
