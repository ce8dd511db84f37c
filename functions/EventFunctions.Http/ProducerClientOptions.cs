using System.Net;
using EventFunctions.Settings;

namespace EventFunctions.Http;

/// <summary>How producers are reached; the settings below <c>ProducerClient:</c>.</summary>
public sealed record ProducerClientOptions : ICheckedOptions
{
    /// <summary>
    /// Networks in CIDR notation that producers may be in although their addresses are not public, for example
    /// <c>10.20.0.0/16</c> or <c>::1/128</c>. Empty allows public addresses only.
    /// </summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>The most connections to one producer, so that a slow one cannot take up the instance; the rest waits its turn.</summary>
    public int MaxConnectionsPerProducer { get; init; } = 256;

    /// <summary>How long making a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause before the first retry of a fetch; it grows, with jitter, within the producer's time limit.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a fetch is repeated that met a transient failure.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>For how long a producer is not asked that failed nearly always.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many fetches within half a minute it takes to judge a producer.</summary>
    public int BreakThroughput { get; init; } = 5;

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        for (var i = 0; i < AllowedNetworks.Count; i++)
        {
            if (!IPNetwork.TryParse(AllowedNetworks[i], out _))
            {
                yield return $"ProducerClient:AllowedNetworks:{i} is \"{AllowedNetworks[i]}\", which is not a network in CIDR "
                    + "notation; example: 10.20.0.0/16.";
            }
        }

        if (MaxConnectionsPerProducer < 1)
        {
            yield return $"ProducerClient:MaxConnectionsPerProducer is {MaxConnectionsPerProducer}, but must be at least 1; example: 256.";
        }

        if (BreakThroughput < 2)
        {
            yield return $"ProducerClient:BreakThroughput is {BreakThroughput}, but must be at least 2; example: 20.";
        }

        if (MaxRetries is < 0 or > 5)
        {
            yield return $"ProducerClient:MaxRetries is {MaxRetries}, but must be 0 to 5; example: 2.";
        }

        if (BreakDuration < TimeSpan.FromMilliseconds(500) || BreakDuration > TimeSpan.FromHours(1))
        {
            yield return $"ProducerClient:BreakDuration is {BreakDuration}, but must be half a second to an hour; example: 00:00:05.";
        }

        foreach (var (name, value) in new[] { (nameof(ConnectTimeout), ConnectTimeout), (nameof(RetryDelay), RetryDelay) })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromSeconds(20))
            {
                yield return $"ProducerClient:{name} is {value}, but must be above zero and at most 20 seconds; example: 00:00:01.";
            }
        }
    }
}
