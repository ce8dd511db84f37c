using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>How often a call that fails is made again, where the trigger itself does not come back.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>The most repetitions of a call; -1 for as many as it takes.</summary>
    public int MaxRetryCount { get; set; }
}

/// <summary>Repeats after the same pause each time.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>Declares how often and when to retry.</summary>
    /// <param name="maxRetryCount">The most repetitions; -1 for as many as it takes.</param>
    /// <param name="delayInterval">The pause, <c>HH:mm:ss</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pause is none.</exception>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        if (!TimeSpan.TryParse(delayInterval, CultureInfo.InvariantCulture, out var delay) || delay < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(delayInterval));
        }

        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>The pause, <c>HH:mm:ss</c>.</summary>
    public string DelayInterval { get; }
}
