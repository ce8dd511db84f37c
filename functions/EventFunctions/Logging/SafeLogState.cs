using System.Collections;
using System.Globalization;

namespace EventFunctions.Logging;

/// <summary>A log message with its values, all of them fit for a log.</summary>
internal sealed class SafeLogState : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _message;
    private readonly KeyValuePair<string, object?>[] _values;

    /// <summary>Takes over a message.</summary>
    /// <param name="message">The formatted message.</param>
    /// <param name="state">What it was made of.</param>
    public SafeLogState(string message, object? state)
    {
        _message = LogText.Of(message);
        _values = state is IEnumerable<KeyValuePair<string, object?>> values ? [.. values.Select(value => KeyValuePair.Create(value.Key, Safe(value.Value)))] : [];
    }

    /// <inheritdoc/>
    public int Count => _values.Length;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => _values[index];

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_values).GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => _message;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object? Safe(object? value) => value switch
    {
        null or bool or byte or short or int or long or float or double or decimal or DateTime or DateTimeOffset or TimeSpan or Guid or Enum => value,
        _ => LogText.Of(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };
}
