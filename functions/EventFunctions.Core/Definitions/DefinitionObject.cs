using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Settings;

namespace EventFunctions.Definitions;

/// <summary>
/// Reads one object of a definition, property by property. An invalid value is reported at its place and counts as absent; properties that
/// were not read are reported when the object is closed.
/// </summary>
internal sealed class DefinitionObject
{
    private readonly DefinitionContext _context;
    private readonly Dictionary<string, DefinitionMember> _properties;
    private readonly List<string> _known = [];

    private DefinitionObject(DefinitionContext context, string pointer, Dictionary<string, DefinitionMember> properties) =>
        (_context, Pointer, _properties) = (context, pointer, properties);

    /// <summary>Where the object is, as a URI fragment.</summary>
    public string Pointer { get; }

    /// <summary>Begins to read a value that has to be an object.</summary>
    /// <param name="json">The value.</param>
    /// <param name="pointer">Where it is.</param>
    /// <param name="context">What the reading shares.</param>
    /// <returns>Null where it is none.</returns>
    public static DefinitionObject? Open(JsonElement json, string pointer, DefinitionContext context)
    {
        var properties = new Dictionary<string, DefinitionMember>(context.IsSettings ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in json.EnumerateObject())
            {
                properties[property.Name] = new DefinitionMember(property.Name, property.Value);
            }
        }
        else if (!IsEmptySetting(json, context) && !(context.IsSettings && json.ValueKind == JsonValueKind.String && json.ValueEquals("{}")))
        {
            context.Errors.Add(pointer, "Must be an object.");
            return null;
        }

        return new DefinitionObject(context, pointer, properties);
    }

    /// <summary>The names of the properties that are not yet read.</summary>
    public IReadOnlyList<string> Names => [.. _properties.Keys];

    /// <summary>Whether a property is there and not yet read.</summary>
    public bool Has(string name) => _properties.ContainsKey(name);

    /// <summary>Reports an error.</summary>
    /// <param name="name">The property; null for the object itself.</param>
    /// <param name="detail">What is wrong.</param>
    public void Error(string? name, string detail) =>
        _context.Errors.Add(name is null ? Pointer : DefinitionPointer.Member(Pointer, name), detail);

    /// <summary>Reads a property as it is.</summary>
    public bool TryTake(string name, out JsonElement json)
    {
        _known.Add(name);
        var found = _properties.Remove(name, out var member);
        json = member?.Value ?? default;
        return found;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="name">The property.</param>
    /// <param name="check">Says what is wrong with a text.</param>
    /// <param name="missing">What is wrong where there is none; null where it may be left out.</param>
    public string? Text(string name, Func<string, string?> check, string? missing = null)
    {
        if (!TryTake(name, out var json))
        {
            if (missing is not null)
            {
                Error(name, missing);
            }

            return null;
        }

        if (json.ValueKind != JsonValueKind.String)
        {
            Error(name, missing ?? "Must be a string.");
            return null;
        }

        var text = json.GetString()!;
        if (check(text) is not { } wrong)
        {
            return text;
        }

        Error(name, wrong);
        return null;
    }

    /// <summary>Reads a whole number.</summary>
    public int? Number(string name, int min, int max)
    {
        if (!TryTake(name, out var json))
        {
            return null;
        }

        var isNumber = json.ValueKind == JsonValueKind.Number
            ? json.TryGetInt32(out var number)
            : IsSettingText(json, out var text) & int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        if (isNumber && number >= min && number <= max)
        {
            return number;
        }

        Error(name, $"Must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>Reads true or false.</summary>
    public bool? Flag(string name)
    {
        if (!TryTake(name, out var json))
        {
            return null;
        }

        if (json.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return json.GetBoolean();
        }

        if (IsSettingText(json, out var text) && bool.TryParse(text, out var flag))
        {
            return flag;
        }

        Error(name, "Must be true or false.");
        return null;
    }

    /// <summary>Reads a length of time.</summary>
    public TimeSpan? Duration(string name, TimeSpan min, TimeSpan max)
    {
        var before = TimeSpan.Zero;
        var text = Text(name, text => DurationText.Parse(text) is { } read && (before = read) >= min && before <= max
            ? null
            : $"Must be a duration (hh:mm:ss) from {min:c} to {max:c}.");
        return text is null ? null : before;
    }

    /// <summary>Reads one of several names.</summary>
    public T? Choice<T>(string name, params (string Name, T Value)[] choices)
        where T : struct
    {
        var text = Text(
            name, text => Array.Exists(choices, c => c.Name == text) ? null : $"Must be one of {string.Join(", ", choices.Select(c => $"\"{c.Name}\""))}.");
        return text is null ? null : Array.Find(choices, c => c.Name == text).Value;
    }

    /// <summary>Reads an object.</summary>
    /// <returns>Null where there is none.</returns>
    public DefinitionObject? Object(string name) =>
        TryTake(name, out var json) ? Open(json, DefinitionPointer.Member(Pointer, name), _context) : null;

    /// <summary>Reads an array of texts.</summary>
    /// <param name="name">The property.</param>
    /// <param name="max">The most texts.</param>
    /// <param name="check">Says what is wrong with a text.</param>
    public ImmutableArray<string> Texts(string name, int max, Func<string, string?> check)
    {
        if (!TryTake(name, out var json))
        {
            return [];
        }

        var items = json.ValueKind switch
        {
            JsonValueKind.Array => json.EnumerateArray().ToList(),
            JsonValueKind.Object when _context.IsSettings => json.EnumerateObject().Select(item => item.Value).ToList(),
            _ => IsEmptySetting(json, _context) ? [] : null,
        };
        if (items is null || items.Count > max)
        {
            Error(name, $"Must be an array of at most {max} strings.");
            return [];
        }

        var texts = ImmutableArray.CreateBuilder<string>(items.Count);
        var pointer = DefinitionPointer.Member(Pointer, name);
        foreach (var (index, item) in items.Index())
        {
            var text = item.ValueKind == JsonValueKind.String ? item.GetString()! : null;
            var wrong = text is null ? "Must be a string." : check(text);
            if (wrong is not null)
            {
                _context.Errors.Add(string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}"), wrong);
            }

            texts.Add(text ?? "");
        }

        return texts.ToImmutable();
    }

    /// <summary>Reads all properties that are left: those of an object whose names are free.</summary>
    public IReadOnlyList<DefinitionMember> Rest()
    {
        var rest = _properties.Values.ToList();
        _properties.Clear();
        return rest;
    }

    /// <summary>Reports the properties that were not read.</summary>
    public void Close()
    {
        foreach (var name in _properties.Keys)
        {
            Error(name, $"Unknown property. Use one of {string.Join(", ", _known)}.");
        }
    }

    // Settings cannot tell an empty object or array from nothing.
    private static bool IsEmptySetting(JsonElement json, DefinitionContext context) =>
        context.IsSettings && (json.ValueKind == JsonValueKind.Null || (json.ValueKind == JsonValueKind.String && json.ValueEquals("")));

    private bool IsSettingText(JsonElement json, [NotNullWhen(true)] out string? text)
    {
        text = _context.IsSettings && json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        return text is not null;
    }
}
