using System.Globalization;
using CloudNative.CloudEvents;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Reads a query string, and collects everything that is wrong with it. Unknown names are errors: a misspelt filter would list too much.</summary>
internal sealed class QueryParameters
{
    private const int MaxTextLength = 1_024;

    // The Functions host's own: the key of the function, and its name.
    private static readonly string[] HostNames = ["code", "clientId"];

    private readonly IQueryCollection _query;
    private readonly List<KeyValuePair<string, string>> _errors = [];

    /// <summary>Reads a query string.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="names">The names that it may have.</param>
    public QueryParameters(IQueryCollection query, IReadOnlyList<string> names)
    {
        _query = query;
        foreach (var name in query.Keys.Except(names, StringComparer.OrdinalIgnoreCase).Except(HostNames, StringComparer.OrdinalIgnoreCase))
        {
            AddError(name.Length > 50 ? name[..50] : name, $"Unknown parameter. Use one of {string.Join(", ", names)}.");
        }
    }

    /// <summary>Everything that is wrong, to be answered instead; null if nothing is.</summary>
    public Problem? Problem => _errors.Count == 0 ? null : Invalid([.. _errors]);

    /// <summary>Returns the response to a query with errors.</summary>
    /// <param name="errors">The errors, by parameter.</param>
    public static Problem Invalid(params KeyValuePair<string, string>[] errors) =>
        new(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = errors };

    /// <summary>Reports an error in a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="detail">What is wrong.</param>
    public void AddError(string name, string detail) => _errors.Add(new(name, detail));

    /// <summary>Reads a parameter that may be given once; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public string? One(string name)
    {
        var values = _query[name];
        return values.Count > 1 ? Wrong<string>(name, "Given more than once.") : values.Count == 0 ? null : values[0] ?? "";
    }

    /// <summary>Reads a text; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public string? Text(string name) => One(name) is not { } text ? null
        : text.Length is > 0 and <= MaxTextLength ? text
        : Wrong<string>(name, $"1 to {MaxTextLength} characters.");

    /// <summary>Reads a parameter that is <c>true</c> or <c>false</c>; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public bool? Flag(string name) => One(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => Wrong<bool?>(name, "Must be true or false."),
    };

    /// <summary>Reads a time; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public DateTimeOffset? Time(string name)
    {
        try
        {
            return One(name) is { } text ? (DateTimeOffset)CloudEventAttributeType.Timestamp.Parse(text) : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return Wrong<DateTimeOffset?>(name, "Must be an RFC 3339 time, such as 2026-01-31T08:30:00Z (write + as %2B in a query).");
        }
    }

    /// <summary>Reads the times from which and until which to list, the second of which must be later.</summary>
    public (DateTimeOffset? From, DateTimeOffset? To) Times()
    {
        var (from, to) = (Time("from"), Time("to"));
        if (from >= to)
        {
            AddError("to", "Must be after from.");
        }

        return (from, to);
    }

    /// <summary>Reads a whole number; null if absent.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <param name="unit">Its unit, with the space before it.</param>
    public int? Number(string name, int least, int most, string unit = "") => One(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : Wrong<int?>(name, string.Create(CultureInfo.InvariantCulture, $"Must be a whole number{unit} from {least} to {most}."));

    /// <summary>Reads one of several words; null if absent.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="words">The words and their meanings.</param>
    public T? Word<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct =>
        One(name) is not { } text ? null
        : words.TryGetValue(text, out var value) ? value
        : Wrong<T?>(name, $"Must be one of {string.Join(", ", words.Keys)}.");

    private T? Wrong<T>(string name, string detail)
    {
        AddError(name, detail);
        return default;
    }
}
