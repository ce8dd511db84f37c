using EventFunctions.Settings;

namespace EventFunctions.Queries;

/// <summary>Settings of the API.</summary>
public sealed record ApiOptions : ICheckedOptions
{
    /// <summary>The fewest bytes of a <see cref="ContinuationKey"/>.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>
    /// The secret that continuation tokens are signed with: base64 of at least <see cref="MinKeyBytes"/> bytes, the same on
    /// every instance. A new one makes the tokens that are about useless and nothing else.
    /// </summary>
    public string? ContinuationKey { get; init; }

    /// <summary>
    /// Whether reading events and entities needs the key of a producer, beside the function key. Administrators read without.
    /// </summary>
    public bool ReadWithProducerKeyOnly { get; init; }

    /// <summary>The bytes of <see cref="ContinuationKey"/>; null if it is missing, not base64, or too short.</summary>
    internal byte[]? ContinuationKeyBytes
    {
        get
        {
            var bytes = new byte[ContinuationKey?.Length ?? 0];
            return Convert.TryFromBase64String(ContinuationKey ?? "", bytes, out var length) && length >= MinKeyBytes ? bytes[..length] : null;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate() => ContinuationKeyBytes is not null
        ? []
        : [$"Api:ContinuationKey must be base64 of at least {MinKeyBytes} random bytes; \"openssl rand -base64 {MinKeyBytes}\" creates one."];
}
