using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Jobs;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What an administrator wants done to many events, read from a JSON object. A misspelt name would mean other events, so unknown names are errors.</summary>
internal sealed class JobRequest
{
    private const int DefaultRate = 50;
    private const int MaxRate = 1_000;
    private const int MaxTextLength = 1_024;

    private readonly Dictionary<string, JsonElement> _values;
    private readonly List<EventError> _errors = [];

    private JobRequest(Dictionary<string, JsonElement> values) => _values = values;

    /// <summary>Reads the body of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="read">Makes of the object what the call needs.</param>
    /// <param name="names">The names that the object may have.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either what was read or what to answer instead.</returns>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(
        HttpRequest request, Func<JobRequest, T> read, string[] names, CancellationToken cancellationToken)
        where T : class
    {
        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            if (!TryParse(body.Bytes, out var values))
            {
                return (null, Invalid([new EventError("#", "Must be a JSON object without duplicate names.")]));
            }

            var reader = new JobRequest(values);
            reader._errors.AddRange(values.Keys.Except(names, StringComparer.Ordinal)
                .Select(name => new EventError("#/" + (name.Length > 50 ? name[..50] : name), $"Unknown property. Use one of {string.Join(", ", names)}.")));
            var value = read(reader);
            return reader._errors.Count == 0 ? (value, null) : (null, Invalid(reader._errors));
        }
    }

    public string? Text(string name, bool required = false)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            return required ? Wrong<string>(name, "Required.") : null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxTextLength } text
            ? text
            : Wrong<string>(name, $"Must be a string of 1 to {MaxTextLength} characters.");
    }

    public bool? Flag(string name) => !_values.TryGetValue(name, out var value) ? null
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => Wrong<bool?>(name, "Must be true or false."),
        };

    public DateTimeOffset? Time(string name, bool required = false) => !_values.TryGetValue(name, out var value) ? (required ? Wrong<DateTimeOffset?>(name, "Required.") : null)
        : value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time
            : Wrong<DateTimeOffset?>(name, "Must be an RFC 3339 time, such as 2026-01-31T08:30:00Z.");

    public int Rate()
    {
        if (!_values.TryGetValue("rate", out var value))
        {
            return DefaultRate;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var rate) && rate is >= 1 and <= MaxRate
            ? rate
            : Wrong<int>("rate", string.Create(CultureInfo.InvariantCulture, $"Must be a whole number of events per second from 1 to {MaxRate}."));
    }

    public JobAction? Action(string name) => Text(name, required: true) switch
    {
        null => null,
        "replay" => JobAction.Replay,
        "dismiss" => JobAction.Dismiss,
        "restore" => JobAction.Restore,
        _ => Wrong<JobAction?>(name, "Must be one of replay, dismiss, restore."),
    };

    /// <summary>Returns the statuses of an array or of one name; without any, those of failures.</summary>
    public EventStatus Statuses(string name)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            return EventStatus.Failure;
        }

        var result = EventStatus.None;
        foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value])
        {
            var status = item.ValueKind == JsonValueKind.String ? EventStatusName.Parse(item.GetString()!) : null;
            if (status is null || (status & EventStatus.Final) == 0)
            {
                return Wrong<EventStatus>(name, "Must be one or more of completed, filtered, failed, deadLettered. Only finished events can be replayed.");
            }

            result |= status.Value;
        }

        return result != EventStatus.None ? result : Wrong<EventStatus>(name, "Must have at least one status.");
    }

    private T? Wrong<T>(string name, string detail)
    {
        _errors.Add(new EventError("#/" + name, detail));
        return default;
    }

    private static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out Dictionary<string, JsonElement>? values)
    {
        values = null;
        try
        {
            using var json = JsonDocument.Parse(ByteOrderMark.Skip(body), new JsonDocumentOptions { AllowDuplicateProperties = false });
            values = json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.Clone(), StringComparer.Ordinal)
                : null;
        }
        catch (JsonException)
        {
        }

        return values is not null;
    }

    internal static Problem Invalid(IReadOnlyList<EventError> errors) =>
        new(StatusCodes.Status400BadRequest, "The request is not valid; no job was started.") { Errors = errors };
}
