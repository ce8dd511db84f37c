using System.Collections;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Infra.Configuration;

/// <summary>Reads settings as what they are meant to be, and collects what is wrong with them instead of stopping at the first.</summary>
/// <param name="get">Gives the text of a key; null when it is not set.</param>
internal sealed class SettingsReader(Func<string, string?> get)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private readonly List<string> _errors = [];
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>What is wrong, one line each.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The text of a key; null where it is not set.</summary>
    public string? Get(string key)
    {
        _known.Add(key);
        return get(key);
    }

    /// <summary>Refuses what is set under a key that nobody read: a wish that is misspelt must not be ignored.</summary>
    /// <param name="set">The keys that are set.</param>
    public void RefuseOthers(IEnumerable<string> set)
    {
        foreach (var key in set.Where(key => !_known.Contains(key)))
            Add($"{key} is no setting of this program, which knows {string.Join(", ", _known)}; example: pulumi config rm {key}.");
    }

    /// <summary>The text of a key, or a default where it is not set.</summary>
    public string Text(string key, string otherwise, Func<string, bool> isGood, string meaning, string example)
    {
        var text = Get(key) ?? otherwise;
        if (!isGood(text))
            Wrong(key, text, meaning, example);

        return text;
    }

    /// <summary>A text that must be there.</summary>
    public string Required(string key, string command)
    {
        var text = Get(key);
        if (string.IsNullOrWhiteSpace(text))
            Add($"{key} is missing; example: {command}.");

        return text ?? "";
    }

    /// <summary>A whole number in a range; a default where the key is not set.</summary>
    public int Number(string key, int otherwise, int min, int max) => OptionalNumber(key, min, max, otherwise) ?? otherwise;

    /// <summary>A whole number in a range; null where the key is not set.</summary>
    public int? OptionalNumber(string key, int min, int max, int? example = null)
    {
        if (Get(key) is not { } text)
            return null;

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;

        Wrong(key, text, $"is no whole number from {min} to {max}", (example ?? min).ToString(CultureInfo.InvariantCulture));
        return null;
    }

    /// <summary>Yes or no; a default where the key is not set.</summary>
    public bool Flag(string key, bool otherwise)
    {
        switch (Get(key))
        {
            case null:
                return otherwise;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Wrong(key, text, "is neither true nor false", otherwise ? "true" : "false");
                return otherwise;
        }
    }

    /// <summary>A structured setting; null where the key is not set, or cannot be read.</summary>
    public T? Structure<T>(string key, string example)
        where T : class
    {
        if (Get(key) is not { } text)
            return null;

        try
        {
            var structure = JsonSerializer.Deserialize<T>(text, Json) ?? throw new JsonException();
            return structure is IEnumerable list && list.Cast<object?>().Any(IsNull) ? throw new JsonException() : structure;
        }
        catch (JsonException e)
        {
            // The value itself is not repeated: structures may hold secrets.
            Add($"{key} cannot be read{(e.Path is { Length: > 1 } path ? $" at {path}" : "")}: {Reason(e)}; example: {example}.");
            return null;
        }
    }

    /// <summary>Networks in CIDR notation.</summary>
    public IReadOnlyList<string> Networks(string key, string example)
    {
        var networks = Structure<IReadOnlyList<string>>(key, $"[\"{example}\"]") ?? [];
        foreach (var network in networks.Where(n => !IPNetwork.TryParse(n, out _)))
            Wrong(key, network, "is no network in CIDR notation", $"[\"{example}\"]");

        return networks;
    }

    /// <summary>Adds an error.</summary>
    public void Add(string error) => _errors.Add(error);

    /// <summary>Adds an error about a value.</summary>
    public void Wrong(string key, string value, string meaning, string example) =>
        Add($"{key} is \"{value}\", which {meaning}; example: {example}.");

    /// <summary>Stops when anything was wrong.</summary>
    /// <exception cref="InvalidSettingsException">Something was.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0)
            throw new InvalidSettingsException(_errors);
    }

    private static bool IsNull(object? item) => item is null or KeyValuePair<string, string> { Value: null };

    // The parser's messages end with a path and position that were said already, and may quote the type's name.
    private static string Reason(JsonException e) => e.Message switch
    {
        var m when m.Contains("could not be mapped", StringComparison.Ordinal) => "it has a property that is not known here",
        var m when m.Contains("missing required properties", StringComparison.Ordinal) =>
            "it lacks " + m[(m.LastIndexOf(':') + 1)..].Trim().TrimEnd('.'),
        _ => "it is no JSON of the expected form",
    };
}
