using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CloudNative.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The filters and page of a list, from the query string. A misspelt filter would list too much, so unknown names are errors.</summary>
internal sealed class EventQueryParameters
{
    private const int MaxLimit = 1_000;
    private const int MaxTextLength = 1_024;

    private static readonly string[] Names = ["status", "source", "type", "subject", "reason", "dismissed", "from", "to", "limit", "continuation", "data"];

    /// <summary>The filters that hold for one record as it stands, without page or time.</summary>
    public static IReadOnlyList<string> RecordFilters { get; } = ["status", "source", "type", "subject", "reason", "dismissed"];

    // The Functions host's own: the key of the function, and its name.
    private static readonly string[] HostNames = ["code", "clientId"];

    private readonly IQueryCollection _query;
    private readonly IReadOnlyList<string> _names;
    private readonly List<KeyValuePair<string, string>> _errors = [];

    private EventQueryParameters(IQueryCollection query, IReadOnlyList<string> names) => (_query, _names) = (query, names);

    /// <summary>Reads the parameters.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="keyOf">The producer that lists; null lists the events of every producer.</param>
    /// <param name="tokens">Reads continuations.</param>
    /// <param name="query">The query.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    public static bool TryRead(
        IQueryCollection parameters,
        Producer? keyOf,
        ContinuationToken tokens,
        [NotNullWhen(true)] out EventQuery? query,
        [NotNullWhen(false)] out Problem? problem)
    {
        var reader = new EventQueryParameters(parameters, Names);
        var read = ProducerAccess.Limit(reader.Read(), keyOf);
        return reader.End(read with { WithData = reader.ReadFlag("data") ?? true, Continuation = reader.ReadContinuation(tokens, read) }, out query, out problem);
    }

    /// <summary>Reads filters that stand beside other parameters than those of a page.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="keyOf">The producer that reads; null reads the events of every producer.</param>
    /// <param name="filters">The names of the filters.</param>
    /// <param name="others">The names of the other parameters.</param>
    /// <param name="readOthers">Reads the others, and says what is wrong with them.</param>
    /// <param name="query">The filters.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    public static bool TryReadFilters(
        IQueryCollection parameters,
        Producer? keyOf,
        IReadOnlyList<string> filters,
        IReadOnlyList<string> others,
        Action<EventQueryParameters> readOthers,
        [NotNullWhen(true)] out EventQuery? query,
        [NotNullWhen(false)] out Problem? problem)
    {
        var reader = new EventQueryParameters(parameters, [.. filters, .. others]);
        var read = ProducerAccess.Limit(reader.Read(), keyOf);
        readOthers(reader);
        return reader.End(read, out query, out problem);
    }

    /// <summary>The answer to a continuation that was not given for these filters.</summary>
    public static Problem InvalidContinuation() => Invalid(ContinuationError);

    private static KeyValuePair<string, string> ContinuationError { get; } =
        new("continuation", "The continuation does not belong to these filters. Start again without it.");

    private static Problem Invalid(params KeyValuePair<string, string>[] errors) =>
        new(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = errors };

    private bool End(EventQuery read, [NotNullWhen(true)] out EventQuery? query, [NotNullWhen(false)] out Problem? problem)
    {
        (query, problem) = _errors.Count == 0 ? (read, (Problem?)null) : (null, Invalid([.. _errors]));
        return problem is null;
    }

    private EventQuery Read()
    {
        foreach (var name in _query.Keys.Except(_names, StringComparer.OrdinalIgnoreCase).Except(HostNames, StringComparer.OrdinalIgnoreCase))
        {
            AddError(name.Length > 50 ? name[..50] : name, $"Unknown parameter. Use one of {string.Join(", ", _names)}.");
        }

        var query = new EventQuery
        {
            Status = ReadStatus(),
            Source = ReadText("source"),
            Type = ReadText("type"),
            Subject = ReadText("subject"),
            Reason = ReadText("reason"),
            Dismissed = ReadFlag("dismissed"),
            From = ReadTime("from"),
            To = ReadTime("to"),
            Limit = ReadLimit(),
        };
        // Only failures are dismissed or have a reason, and few records are failures.
        query = query.Dismissed == true || query.Reason is not null ? query with { Status = (query.Status ?? EventStatus.Failure) & EventStatus.Failure } : query;
        if (query.From >= query.To)
        {
            AddError("to", "Must be after from.");
        }

        return query;
    }

    /// <summary>Reads a parameter that may be given once; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public string? ReadOne(string name)
    {
        var values = _query[name];
        if (values.Count > 1)
        {
            AddError(name, "Given more than once.");
            return null;
        }

        return values.Count == 0 ? null : values[0] ?? "";
    }

    private EventStatus? ReadStatus()
    {
        if (ReadOne("status") is not { } text)
        {
            return null;
        }

        var result = EventStatus.None;
        foreach (var name in text.Split(','))
        {
            if (EventStatusName.Parse(name) is not { } status)
            {
                AddError("status", $"Must be one or more of {string.Join(", ", EventStatusName.All)}, separated by commas.");
                return null;
            }

            result |= status;
        }

        return result;
    }

    /// <summary>Reads a parameter that is <c>true</c> or <c>false</c>; null if absent.</summary>
    /// <param name="name">Its name.</param>
    public bool? ReadFlag(string name)
    {
        switch (ReadOne(name))
        {
            case null:
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                AddError(name, "Must be true or false.");
                return null;
        }
    }

    private string? ReadText(string name)
    {
        var text = ReadOne(name);
        if (text is not { Length: 0 or > MaxTextLength })
        {
            return text;
        }

        AddError(name, $"1 to {MaxTextLength} characters.");
        return null;
    }

    private DateTimeOffset? ReadTime(string name)
    {
        if (ReadOne(name) is not { } text)
        {
            return null;
        }

        try
        {
            return (DateTimeOffset)CloudEventAttributeType.Timestamp.Parse(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            AddError(name, "Must be an RFC 3339 time, such as 2026-01-31T08:30:00Z (write + as %2B in a query).");
            return null;
        }
    }

    private int ReadLimit()
    {
        if (ReadOne("limit") is not { } text)
        {
            return new EventQuery().Limit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit)
        {
            return limit;
        }

        AddError("limit", $"Must be a whole number from 1 to {MaxLimit}.");
        return 1;
    }

    private string? ReadContinuation(ContinuationToken tokens, EventQuery query)
    {
        if (ReadOne("continuation") is not { } text)
        {
            return null;
        }

        var continuation = tokens.Unprotect(query, text);
        if (continuation is null)
        {
            _errors.Add(ContinuationError);
        }

        return continuation;
    }

    /// <summary>Reports an error in a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="detail">What is wrong.</param>
    public void AddError(string name, string detail) => _errors.Add(new(name, detail));
}
