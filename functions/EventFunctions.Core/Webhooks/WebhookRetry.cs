using System.Collections.Immutable;
using System.Globalization;

namespace EventFunctions.Webhooks;

/// <summary>When a delivery that failed is tried again.</summary>
/// <param name="Text">A preset's name, or the delays with spaces between: what was asked for, by which two compare.</param>
internal sealed record WebhookRetry(string Text)
{
    /// <summary>The most delays.</summary>
    public const int MaxDelays = 20;

    /// <summary>The shortest delay.</summary>
    public static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(1);

    /// <summary>The most that all delays may be together.</summary>
    public static readonly TimeSpan MaxTotal = TimeSpan.FromDays(5);

    // So much of a delay may be added or taken away, so that what failed together does not come back together.
    private const double Jitter = 0.1;

    // Nobody is waited for longer, whatever they ask.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(1);

    private static readonly ImmutableSortedDictionary<string, string> Presets = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            // 8 attempts in 27 hours, 5 in 20 minutes, and the 10 that Standard Webhooks suggests, in 3 days.
            KeyValuePair.Create("default", "00:00:05 00:05:00 00:30:00 02:00:00 05:00:00 10:00:00 10:00:00"),
            KeyValuePair.Create("short", "00:00:05 00:00:30 00:05:00 00:15:00"),
            KeyValuePair.Create("long", "00:00:05 00:05:00 00:30:00 02:00:00 05:00:00 10:00:00 14:00:00 20:00:00 1.00:00:00"),
        ]);

    /// <summary>What a webhook has that asks for nothing else.</summary>
    public static WebhookRetry Default { get; } = new("default");

    /// <summary>The names of the presets.</summary>
    public static IEnumerable<string> PresetNames => Presets.Keys;

    /// <summary>Whether it is a preset, by whose name it is shown.</summary>
    public bool IsPreset => Presets.ContainsKey(Text);

    /// <summary>The delays after the first attempt, the second, and so on.</summary>
    public ImmutableArray<TimeSpan> Delays { get; } =
    [
        .. Presets.GetValueOrDefault(Text, Text).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(delay => TimeSpan.ParseExact(delay, "c", CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public bool Equals(WebhookRetry? other) => other?.Text == Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The retries with certain delays.</summary>
    /// <param name="delays">The delays.</param>
    public static WebhookRetry Of(IEnumerable<TimeSpan> delays) => new(string.Join(' ', delays.Select(delay => delay.ToString("c", CultureInfo.InvariantCulture))));

    /// <summary>How long after an attempt that failed the next one follows.</summary>
    /// <param name="tries">How often it was tried: 1 after the first attempt.</param>
    /// <param name="retryAfter">How long the endpoint asks to be left alone.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    /// <returns>Null where it is tried no more.</returns>
    public TimeSpan? DelayAfter(int tries, TimeSpan? retryAfter, double chance)
    {
        if (tries > Delays.Length)
        {
            return null;
        }

        var delay = Delays[tries - 1] * (1 - Jitter + (2 * Jitter * chance));
        var asked = retryAfter > MaxRetryAfter ? MaxRetryAfter : retryAfter ?? TimeSpan.Zero;
        return asked > delay ? asked : delay;
    }
}
