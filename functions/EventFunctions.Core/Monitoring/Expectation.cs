using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Monitoring;

/// <summary>That events of a type come from a producer at least so often.</summary>
/// <param name="Producer">The producer's name.</param>
/// <param name="Source">The producer's source or pattern.</param>
/// <param name="Type">The type.</param>
/// <param name="Every">How often.</param>
/// <param name="PerEntity">Whether for each entity.</param>
public sealed record Expectation(string Producer, string Source, string Type, TimeSpan Every, bool PerEntity)
{
    /// <summary>The ID of the monitor of a producer's type without an entity.</summary>
    public const string WholeId = "all";

    private const int HashBytes = 16;

    /// <summary>The source; null if it is a pattern.</summary>
    public string? OnlySource => SourcePattern.OnlyOf(Source);

    /// <summary>The partition of this expectation's monitors: <c>monitor-</c> and a hash of producer and type.</summary>
    public string Partition => "monitor-" + Hash($"{Producer}\0{Type}");

    /// <summary>Returns the expectation of a producer's type; null without an expectation.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="type">The type.</param>
    public static Expectation? Of(Producer producer, string type)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return producer.Types.TryGetValue(type, out var one) && one.ExpectEvery is { } every
            ? new Expectation(producer.Name, producer.Source, type, every, one.ExpectPerEntity)
            : null;
    }

    /// <summary>The ID of an entity's monitor.</summary>
    /// <param name="entity">The entity.</param>
    public static string EntityId(EntityKey entity) => "entity-" + entity.Id;

    /// <summary>A short name of a monitor, for IDs of events.</summary>
    /// <param name="monitorId">The monitor's ID in this expectation's partition.</param>
    public string NameOf(string monitorId) => Hash($"{Producer}\0{Type}\0{monitorId}");

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));
}
