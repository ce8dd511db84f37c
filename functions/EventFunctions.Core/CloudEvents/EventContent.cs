using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>How the bytes of an <see cref="EventContent"/> are to be read.</summary>
public enum ContentKind
{
    /// <summary>One JSON value in UTF-8, kept digit for digit.</summary>
    Json,

    /// <summary>Text in UTF-8, which CloudEvents' JSON format writes as a string in <c>data</c>.</summary>
    Text,

    /// <summary>Any bytes, which CloudEvents' JSON format writes as <c>data_base64</c>.</summary>
    Binary,
}

/// <summary>
/// The payload of a notification, or the full data behind it, as it came: never parsed into numbers and back, because
/// a double cannot hold what a producer may send.
/// </summary>
/// <param name="Kind">How the bytes are to be read.</param>
/// <param name="Bytes">The bytes; UTF-8 for <see cref="ContentKind.Json"/> and <see cref="ContentKind.Text"/>.</param>
public sealed record EventContent(ContentKind Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>JSON from its text.</summary>
    /// <param name="json">One JSON value.</param>
    public static EventContent FromJson(string json) => new(ContentKind.Json, Encoding.UTF8.GetBytes(json));

    /// <summary>Two contents are equal when kind and bytes are.</summary>
    public bool Equals(EventContent? other) =>
        other is not null && Kind == other.Kind && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Bytes.Length);
}
