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
        if (!given.GetChildren().Any())
        {
            // Most sections are absent, and each check at start costs a millisecond.
            return new TOptions() is ICheckedOptions defaults && defaults.Validate().Any() ? services.AddCheckedOptions<TOptions>().Services : services.AddOptions();
        }

        var (values, failures) = Parse<TOptions>(given, []);
        var options = failures.Count > 0 || typeof(TOptions).IsAssignableTo(typeof(ICheckedOptions))
            ? services.AddCheckedOptions<TOptions>()
            : services.AddOptions<TOptions>();
        options.Configure(filled => Fill(filled, values));
        if (failures.Count > 0)
        {
            // The start names these beside the wrong settings of other sections.
            services.AddSingleton<IValidateOptions<TOptions>>(new WrongSettings<TOptions>(failures));
        }

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

    /// <summary>Reads a section.</summary>
    /// <typeparam name="TOptions">The options that it fills.</typeparam>
    /// <param name="section">The section.</param>
    /// <param name="hidden">Properties that are no settings, since the host sets them itself.</param>
    /// <exception cref="OptionsValidationException">A setting of the section is wrong.</exception>
    public static TOptions Read<TOptions>(IConfigurationSection section, params string[] hidden)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(section);
        var (values, failures) = Parse<TOptions>(section, hidden);
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(TOptions), failures);
        }

        var options = new TOptions();
        Fill(options, values);
        return options;
    }

    /// <summary>Says that a section has no such setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="known">The names that the section has.</param>
    public static string Unknown(IConfigurationSection setting, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return $"{setting.Path} is not a setting. Use one of {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
    }

    /// <summary>Says that a list is set to a single value; null if it is not.</summary>
    /// <param name="list">The list.</param>
    public static string? SingleValue(IConfigurationSection list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return list.Value is { Length: > 0 } single
            ? $"{list.Path} is a list, but is set to \"{single}\". Write {list.Path}:0 (as an environment variable, {list.Path.Replace(":", "__", StringComparison.Ordinal)}__0)."
            : null;
    }

    private static void Fill<TOptions>(TOptions options, Dictionary<PropertyInfo, object?> values)
    {
        foreach (var (property, value) in values)
        {
            property.SetValue(options, value);
        }
    }

    private static (Dictionary<PropertyInfo, object?> Values, List<string> Failures) Parse<TOptions>(IConfigurationSection section, string[] hidden)
        where TOptions : class, new()
    {
        var properties = typeof(TOptions)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !hidden.Contains(property.Name))
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        var defaults = new Lazy<TOptions>();
        var values = new Dictionary<PropertyInfo, object?>();
        var failures = new List<string>();
        foreach (var setting in section.GetChildren())
        {
            if (!properties.TryGetValue(setting.Key, out var property))
            {
                failures.Add(Unknown(setting, properties.Keys));
                continue;
            }

            var range = property.GetCustomAttribute<RangeAttribute>();
            if (ElementOf(property.PropertyType) is { } element)
            {
                if (ParseList(setting, element, range, failures) is { } list)
                {
                    values[property] = list;
                }

                continue;
            }

            var (value, failure) = Parse(setting, property.PropertyType, range, () => property.GetValue(defaults.Value));
            if (failure is not null)
            {
                failures.Add(failure);
            }
            else if (setting.Value is not null)
            {
                values[property] = value;
            }
        }

        return (values, failures);
    }

    // Null if an item is wrong. A list's range is that of its items.
    private static Array? ParseList(IConfigurationSection setting, Type element, RangeAttribute? range, List<string> failures)
    {
        if (SingleValue(setting) is { } fault)
        {
            failures.Add(fault);
        }

        var items = setting.GetChildren().Select(item => Parse(item, element, range, () => null)).ToList();
        failures.AddRange(items.Select(item => item.Failure).OfType<string>());
        if (items.Exists(item => item.Failure is not null))
        {
            return null;
        }

        var list = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            list.SetValue(items[i].Value, i);
        }

        return list;
    }

    private static (object? Value, string? Failure) Parse(IConfigurationSection setting, Type type, RangeAttribute? range, Func<object?> byDefault)
    {
        if (setting.GetChildren().Any())
        {
            return (null, $"{setting.Path} has settings below it, but is a single value.");
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (setting.Value is not { Length: > 0 } text)
        {
            // Where there is a value for "none", as everywhere: a setting left empty is one not set.
            return setting.Value is not null && type.IsValueType && plain == type
                ? (null, $"{setting.Path} is empty. Leave it out or set it; example: {Example(plain, byDefault())}.")
                : (type == typeof(string) ? setting.Value : null, null);
        }

        // The host would read 24:00:00 as 24 days.
        if (plain == typeof(TimeSpan) && DurationText.Parse(text) is { } meant
            && !TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _))
        {
            return (null, $"{setting.Path} is \"{text}\", but hours go up to 23. Write {meant:c}.");
        }

        object value;
        try
        {
            value = ParseText(plain, text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return (null, $"{setting.Path} is \"{text}\", but must be {NameOf(plain)}; example: {Example(plain, byDefault())}.");
        }

        return range is null || IsWithin(range, (IComparable)value)
            ? (value, null)
            : (null, string.Create(
                CultureInfo.InvariantCulture,
                $"{setting.Path} is {value}, but must be from {range.Minimum} to {range.Maximum}; example: {Example(plain, byDefault())}."));
    }

    private static bool IsWithin(RangeAttribute range, IComparable value) =>
        value.CompareTo(Limit(value.GetType(), range.Minimum)) >= 0 && value.CompareTo(Limit(value.GetType(), range.Maximum)) <= 0;

    private static object Limit(Type type, object limit) => ParseText(type, Convert.ToString(limit, CultureInfo.InvariantCulture)!);

    // As the binder of configurations and RangeAttribute do it, but without the type converters that these load.
    private static object ParseText(Type type, string text) =>
        type == typeof(TimeSpan) ? TimeSpan.Parse(text, CultureInfo.InvariantCulture)
        : type == typeof(Uri) ? new Uri(text, UriKind.RelativeOrAbsolute)
        : type == typeof(double) ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
        : type.IsEnum ? Enum.Parse(type, text, ignoreCase: true)
        : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static string NameOf(Type type) => type switch
    {
        var plain when plain == typeof(TimeSpan) => "a duration",
        var plain when plain == typeof(bool) => "true or false",
        var plain when plain == typeof(int) || plain == typeof(long) => "a whole number",
        var plain when plain == typeof(double) => "a number",
        var plain when plain == typeof(Uri) => "a URL",
        var plain => "a " + plain.Name,
    };

    private static string Example(Type type, object? byDefault) =>
        Convert.ToString(byDefault, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text
        : type == typeof(TimeSpan) ? Duration
        : "1";

    private sealed class WrongSettings<TOptions>(IReadOnlyList<string> failures) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) => ValidateOptionsResult.Fail(failures);
    }
}
