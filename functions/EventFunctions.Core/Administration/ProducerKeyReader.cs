using CloudNative.CloudEvents;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;

namespace EventFunctions.Administration;

/// <summary>Reads what an administrator asks of a key, or says everything that is wrong with it at once.</summary>
/// <param name="schemas">What every definition is read with.</param>
/// <param name="time">The clock: a key does not end before it is made.</param>
public sealed class ProducerKeyReader(ISchemaCompiler schemas, TimeProvider time)
{
    private const int MaxLabelLength = 100;
    private const string TimeMeaning = "Must be an RFC 3339 time in the future, such as \"2027-01-31T08:30:00Z\".";

    /// <summary>Reads <c>{ "label": "nightly job", "expiresAt": "2027-01-31T08:30:00Z" }</c>, or nothing.</summary>
    /// <param name="utf8">Anything.</param>
    /// <param name="errors">Everything that is wrong; empty if nothing is.</param>
    /// <returns>Null if there are errors.</returns>
    public ProducerKeyRequest? Read(ReadOnlySpan<byte> utf8, out IReadOnlyList<EventError> errors)
    {
        string? label = null;
        DateTimeOffset? expiresAt = null;
        errors = Read(utf8, fields =>
        {
            label = fields.Text("label", CheckLabel);
            fields.Text("expiresAt", text => (expiresAt = FutureOf(text)) is null ? TimeMeaning : null);
        });
        return errors.Count == 0 ? new ProducerKeyRequest(label, expiresAt) : null;
    }

    /// <summary>Reads <c>{ "overlap": "24:00:00" }</c>, or nothing, which asks for <see cref="ProducerKeyAdministration.DefaultOverlap"/>.</summary>
    /// <param name="utf8">Anything.</param>
    /// <param name="errors">Everything that is wrong; empty if nothing is.</param>
    /// <returns>Null if there are errors.</returns>
    public TimeSpan? ReadOverlap(ReadOnlySpan<byte> utf8, out IReadOnlyList<EventError> errors)
    {
        TimeSpan? overlap = ProducerKeyAdministration.DefaultOverlap;
        errors = Read(utf8, fields => fields.Text("overlap", text => (overlap = OverlapText.Parse(text, ProducerKeyAdministration.MaxOverlap)) is null
            ? $"Must be a duration (hh:mm:ss) of at most {ProducerKeyAdministration.MaxOverlap.TotalHours} hours; 00:00:00 ends the old key at once."
            : null));
        return errors.Count == 0 ? overlap : null;
    }

    private IReadOnlyList<EventError> Read(ReadOnlySpan<byte> utf8, Action<DefinitionObject> read)
    {
        var context = new DefinitionContext(schemas, isSettings: false);
        if (utf8.Length > 0 && ProducerReader.ParseStrict(utf8, context.Errors) is { } json
            && DefinitionObject.Open(json, DefinitionPointer.Whole, context) is { } fields)
        {
            read(fields);
            fields.Close();
        }

        return context.Errors.ToList();
    }

    private static string? CheckLabel(string text) =>
        text.Length is > 0 and <= MaxLabelLength && !text.Any(char.IsControl) ? null : $"Must be 1 to {MaxLabelLength} characters without control characters.";

    private DateTimeOffset? FutureOf(string text)
    {
        try
        {
            var at = (DateTimeOffset)CloudEventAttributeType.Timestamp.Parse(text);
            return at > time.GetUtcNow() ? at.ToUniversalTime() : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
