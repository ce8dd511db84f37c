using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Local.SampleProducer;

/// <summary>
/// How the sample producer misbehaves, for one policy (<see cref="Subject"/>), for a range of policy numbers
/// (<see cref="From"/> to <see cref="To"/>), or, where neither is set, for all.
/// </summary>
internal sealed record ProducerRule
{
    private const int MaxDelayMs = 600_000;
    private const int MaxBytes = 100_000_000;
    private const int MaxRevision = 1_000_000;

    /// <summary>How rules are written in JSON.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The one subject that the rule is for.</summary>
    public string? Subject { get; init; }

    /// <summary>The first policy number that the rule is for.</summary>
    public long? From { get; init; }

    /// <summary>The last policy number that the rule is for.</summary>
    public long? To { get; init; }

    /// <summary>How long each answer takes, in milliseconds.</summary>
    public int DelayMs { get; init; }

    /// <summary>How many fetches of each policy fail before one succeeds.</summary>
    public int Failures { get; init; }

    /// <summary>Whether every fetch fails.</summary>
    public bool FailAlways { get; init; }

    /// <summary>The HTTP status of a failure; 503 unless set.</summary>
    public int Status { get; init; }

    /// <summary>The <c>Retry-After</c> of a failure, in seconds; 0 sends none.</summary>
    public int RetryAfter { get; init; }

    /// <summary>The size of the answer in bytes, in place of a policy; 0 sends the policy.</summary>
    public int Bytes { get; init; }

    /// <summary>How often the policy has changed since it was first issued.</summary>
    public int Revision { get; init; }

    /// <summary>Where to redirect to, in place of an answer.</summary>
    public string? Redirect { get; init; }

    /// <summary>The errors of the rule; empty if it is valid.</summary>
    public IEnumerable<string> Faults()
    {
        if (Subject is not null && (From is not null || To is not null))
        {
            yield return "A rule must have a subject or a range, not both.";
        }

        if ((From is null) != (To is null) || From > To)
        {
            yield return "A range needs from and to, and from must not be above to.";
        }

        if (DelayMs is < 0 or > MaxDelayMs)
        {
            yield return $"delayMs must be 0 to {MaxDelayMs}.";
        }

        if (Failures < 0 || RetryAfter < 0 || Revision is < 0 or > MaxRevision)
        {
            yield return $"failures and retryAfter must not be negative, revision must be 0 to {MaxRevision}.";
        }

        if (Status is not 0 and (< 400 or > 599))
        {
            yield return "status must be 400 to 599.";
        }

        if (Bytes is < 0 or > MaxBytes or (> 0 and < 2))
        {
            yield return $"bytes must be 2 to {MaxBytes}.";
        }
    }
}
