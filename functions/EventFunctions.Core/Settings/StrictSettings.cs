using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Settings;

/// <summary>
/// Reads sections of settings into options, and nothing that makes no sense: a name that is misspelt, a value of another
/// type, one outside its <see cref="RangeAttribute"/>. The host does not start, and names each of them with an example.
/// </summary>
public static class StrictSettings
{
    private const string Duration = "00:00:30";

    /// <summary>Adds options that a section fills, and that are checked at start.</summary>
    /// <typeparam name="TOptions">The options; the values they have when new are the defaults.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="section">The section's name.</param>
    public static IServiceCollection AddSettings<TOptions>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var given = configuration.GetSection(section);
        var options = services.AddCheckedOptions<TOptions>();
        if (!given.GetChildren().Any())
        {
            // Most sections are absent, and binding one reads and writes every property by reflection.
            return services;
        }

        var failures = FindFailures<TOptions>(given, []);
        if (failures.Count == 0)
        {
            options.Bind(given);
            return services;
        }

        // The start names these beside the wrong settings of other sections, and the binder would stop at the first.
        services.AddSingleton<IValidateOptions<TOptions>>(new WrongSettings<TOptions>([.. failures.Select(failure => failure.Text)]));
        var wrong = failures.Select(failure => failure.Setting).ToHashSet(StringComparer.OrdinalIgnoreCase);
        options.Bind(new ConfigurationBuilder()
            .AddInMemoryCollection(given.AsEnumerable(makePathsRelative: true).Where(setting => !wrong.Contains(setting.Key.Split(':')[0])))
            .Build());
        return services;
    }

    /// <summary>Adds options that are checked at start.</summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <param name="services">The host's services.</param>
    public static OptionsBuilder<TOptions> AddCheckedOptions<TOptions>(this IServiceCollection services)
        where TOptions : class
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, CheckedOptions<TOptions>>());
        return services.AddOptions<TOptions>().ValidateOnStart();
    }

    /// <summary>Checks a section.</summary>
    /// <typeparam name="TOptions">The options that it is to fill.</typeparam>
    /// <param name="section">The section.</param>
    /// <param name="hidden">Properties that are no settings, since the host sets them itself.</param>
    /// <exception cref="OptionsValidationException">A setting of the section is wrong.</exception>
    public static void Check<TOptions>(IConfigurationSection section, params string[] hidden)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(section);
        if (FindFailures<TOptions>(section, hidden) is { Count: > 0 } failures)
        {
            throw new OptionsValidationException(section.Path, typeof(TOptions), failures.Select(failure => failure.Text));
        }
    }

    private static List<(string Setting, string Text)> FindFailures<TOptions>(IConfigurationSection section, string[] hidden)
        where TOptions : class, new()
    {
        var properties = typeof(TOptions)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !hidden.Contains(property.Name))
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        var defaults = new Lazy<TOptions>();
        var failures = new List<(string Setting, string Text)>();
        foreach (var setting in section.GetChildren())
        {
            if (!properties.TryGetValue(setting.Key, out var property))
            {
                failures.Add((setting.Key, $"{setting.Path} is not a setting. Use one of {string.Join(", ", properties.Keys.Order(StringComparer.Ordinal))}."));
            }
            else if (ElementOf(property.PropertyType) is { } element)
            {
                if (setting.Value is { Length: > 0 } single)
                {
                    failures.Add((setting.Key, $"{setting.Path} is a list, but is set to \"{single}\". Write {setting.Path}:0 (as an environment variable, {setting.Path.Replace(":", "__", StringComparison.Ordinal)}__0)."));
                }

                failures.AddRange(setting.GetChildren().Select(item => Failure(item, element, null, null)).OfType<string>().Select(text => (setting.Key, text)));
            }
            else if (Failure(setting, property.PropertyType, property.GetCustomAttribute<RangeAttribute>(), property.GetValue(defaults.Value)) is { } failure)
            {
                failures.Add((setting.Key, failure));
            }
        }

        return failures;
    }

    private static string? Failure(IConfigurationSection setting, Type type, RangeAttribute? range, object? byDefault)
    {
        if (setting.GetChildren().Any())
        {
            return $"{setting.Path} has settings below it, but is a single value.";
        }

        // Where there is a value for "none", as everywhere: a setting left empty is one not set.
        if (setting.Value is not { Length: > 0 } text)
        {
            return setting.Value is not null && type.IsValueType && Nullable.GetUnderlyingType(type) is null
                ? $"{setting.Path} is empty. Leave it out or set it; example: {Example(type, byDefault)}."
                : null;
        }

        // The host would read 24:00:00 as 24 days.
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeSpan) && DurationText.Parse(text) is { } meant
            && !TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _))
        {
            return $"{setting.Path} is \"{text}\", but hours go up to 23. Write {meant:c}.";
        }

        object? value;
        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return $"{setting.Path} is \"{text}\", but must be {NameOf(type)}; example: {Example(type, byDefault)}.";
        }

        return range is null || range.IsValid(value)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{setting.Path} is {value}, but must be from {range.Minimum} to {range.Maximum}; example: {Example(type, byDefault)}.");
    }

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static string NameOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var plain when plain == typeof(TimeSpan) => "a duration",
        var plain when plain == typeof(bool) => "true or false",
        var plain when plain == typeof(int) || plain == typeof(long) => "a whole number",
        var plain when plain == typeof(double) => "a number",
        var plain when plain == typeof(Uri) => "a URL",
        var plain => "a " + plain.Name,
    };

    private static string Example(Type type, object? byDefault) =>
        Convert.ToString(byDefault, CultureInfo.InvariantCulture) is { Length: > 0 } text
            ? text
            : (Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeSpan) ? Duration : "1";

    private sealed class WrongSettings<TOptions>(IReadOnlyList<string> failures) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) => ValidateOptionsResult.Fail(failures);
    }
}
