using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// The name of the write that last changed a record's item. When an answer is lost and the SDK sends the write again, the
/// second finds the name of the first, and knows that it has been done.
/// </summary>
internal static class WriteName
{
    /// <summary>The property that holds the name.</summary>
    public const string Property = "lastWrite";

    /// <summary>A name that no other write has.</summary>
    public static string New() => Guid.NewGuid().ToString("N");

    /// <summary>Puts a name into an item.</summary>
    /// <param name="json">The item without a name: a JSON object that is not empty.</param>
    /// <param name="name">The name.</param>
    public static byte[] Put(byte[] json, string name) =>
        [.. json.AsSpan(0, json.Length - 1), .. ","u8, .. JsonSerializer.SerializeToUtf8Bytes(new WrittenItem(name), ItemContext.Default.WrittenItem).AsSpan(1)];

    /// <summary>The name of an item's last write; null if absent.</summary>
    /// <param name="json">The item.</param>
    public static string? Of(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, ItemContext.Default.WrittenItem)?.LastWrite;
}

/// <summary>What an item has beside its record.</summary>
internal sealed record WrittenItem([property: JsonPropertyName(WriteName.Property)] string? LastWrite);
