using Azure.Core;
using Azure.Core.Pipeline;

namespace EventFunctions.Azure;

/// <summary>
/// A few retries that fit the time which a request of a producer has for its publication. An answer that asks for a
/// longer pause is taken as it is: the relay comes again later.
/// </summary>
internal sealed class ShortRetries() : RetryPolicy(
    maxRetries: 2,
    DelayStrategy.CreateExponentialDelayStrategy(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(800)))
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        !AsksForLongPause(message) && await base.ShouldRetryAsync(message, exception);

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        !AsksForLongPause(message) && base.ShouldRetry(message, exception);

    // A date is always read as a long pause.
    private static bool AsksForLongPause(HttpMessage message) =>
        message.HasResponse
        && message.Response.Headers.TryGetValue("Retry-After", out var value)
        && !(int.TryParse(value, out var seconds) && TimeSpan.FromSeconds(seconds) <= LongestPause);
}
