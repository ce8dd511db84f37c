using System.CommandLine;
using System.Globalization;

namespace EventFunctions.Cli.Commands;

/// <summary>An option that takes a whole number of a range.</summary>
internal static class NumberOption
{
    /// <summary>Creates the option.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for; the default is added.</param>
    /// <param name="otherwise">The default.</param>
    /// <param name="min">The least value.</param>
    /// <param name="max">The largest value.</param>
    public static Option<long> Create(string name, string description, long otherwise, long min, long max)
    {
        var option = new Option<long>(name)
        {
            Description = $"{description} (default {otherwise}).",
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
                {
                    return number;
                }

                result.AddError($"{name} must be a whole number from {min} to {max}, but is '{text}'.");
                return otherwise;
            },
        };
        return option;
    }
}
