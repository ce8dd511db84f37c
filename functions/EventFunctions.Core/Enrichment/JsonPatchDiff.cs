using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Enrichment;

/// <summary>
/// What changed between two JSON values, as a JSON Patch (RFC 6902) of <c>add</c>, <c>remove</c> and <c>replace</c>. Objects are
/// compared member by member; arrays element by element, behind what both have at their beginnings and ends. Numbers are
/// equal when their values are, to the last digit, and are copied as they are spelled.
/// </summary>
internal sealed class JsonPatchDiff : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly int _maxBytes;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;

    private JsonPatchDiff(int maxBytes)
    {
        _maxBytes = maxBytes;
        _writer = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>The patch that turns one value into another.</summary>
    /// <param name="before">The value as it was.</param>
    /// <param name="after">The value as it is.</param>
    /// <param name="maxBytes">The most bytes that the patch may have.</param>
    /// <returns>The patch as JSON in UTF-8; null where it would be larger.</returns>
    /// <exception cref="InvalidOperationException">A string holds half of a surrogate pair.</exception>
    public static ReadOnlyMemory<byte>? Compute(JsonElement before, JsonElement after, int maxBytes)
    {
        using var diff = new JsonPatchDiff(maxBytes);
        diff._writer.WriteStartArray();
        if (!diff.Compare(before, after, ""))
        {
            return null;
        }

        diff._writer.WriteEndArray();
        diff._writer.Flush();
        return diff._buffer.WrittenCount <= maxBytes ? diff._buffer.WrittenMemory : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    // False ends the comparison: the patch is too large.
    private bool Compare(JsonElement before, JsonElement after, string path) => (before.ValueKind, after.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => CompareObjects(before, after, path),
        (JsonValueKind.Array, JsonValueKind.Array) => CompareArrays(before, after, path),
        _ => JsonEquality.AreEqual(before, after) || Write("replace", path, after),
    };

    private bool CompareObjects(JsonElement before, JsonElement after, string path)
    {
        var (old, current) = (Members(before), Members(after));
        foreach (var name in old.Keys)
        {
            if (!current.ContainsKey(name) && !Write("remove", At(path, name)))
            {
                return false;
            }
        }

        foreach (var (name, value) in current)
        {
            if (!(old.TryGetValue(name, out var was) ? Compare(was, value, At(path, name)) : Write("add", At(path, name), value)))
            {
                return false;
            }
        }

        return true;
    }

    private bool CompareArrays(JsonElement before, JsonElement after, string path)
    {
        JsonElement[] old = [.. before.EnumerateArray()];
        JsonElement[] current = [.. after.EnumerateArray()];
        var shorter = Math.Min(old.Length, current.Length);
        var start = 0;
        while (start < shorter && JsonEquality.AreEqual(old[start], current[start]))
        {
            start++;
        }

        var end = 0;
        while (end < shorter - start && JsonEquality.AreEqual(old[^(end + 1)], current[^(end + 1)]))
        {
            end++;
        }

        var (oldEnd, currentEnd) = (old.Length - end, current.Length - end);
        var index = start;
        for (; index < Math.Min(oldEnd, currentEnd); index++)
        {
            if (!Compare(old[index], current[index], At(path, index)))
            {
                return false;
            }
        }

        // From behind, so that the places of the others stand.
        for (var surplus = oldEnd - 1; surplus >= index; surplus--)
        {
            if (!Write("remove", At(path, surplus)))
            {
                return false;
            }
        }

        for (; index < currentEnd; index++)
        {
            if (!Write("add", At(path, index), current[index]))
            {
                return false;
            }
        }

        return true;
    }

    // Of several members of one name the last counts, as for most parsers.
    private static Dictionary<string, JsonElement> Members(JsonElement value)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        return members;
    }

    private static string At(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");

    private bool Write(string op, string path, JsonElement? value = null)
    {
        _writer.WriteStartObject();
        _writer.WriteString("op"u8, op);
        _writer.WriteString("path"u8, path);
        if (value is { } written)
        {
            _writer.WritePropertyName("value"u8);
            written.WriteTo(_writer);
        }

        _writer.WriteEndObject();
        return _writer.BytesCommitted + _writer.BytesPending <= _maxBytes;
    }
}
