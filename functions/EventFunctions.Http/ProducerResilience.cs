using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EventFunctions.Http;

/// <summary>
/// What stands between a fetch and its producer: a few short retries with jitter, and inside them a circuit breaker, so
/// that a producer that is down costs nothing until it is worth asking again.
/// </summary>
internal static class ProducerResilience
{
    public const string PipelineName = "fetch";

    /// <summary>Whose data a request is for: each producer has its own circuit breaker.</summary>
    public static readonly HttpRequestOptionsKey<string> Producer = new("EventFunctions.Producer");

    /// <summary>Returns whether the caller cancelled the fetch. Unlike a timeout, that is not a failure of the producer.</summary>
    public static readonly HttpRequestOptionsKey<CancellationToken> Cancelled = new("EventFunctions.Cancelled");

    // An answer that asks for a longer pause is left to the next delivery, which comes in ten seconds or later.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> builder, ProducerClientOptions options)
    {
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = options.RetryDelay,
                MaxDelay = LongestPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldRetryAfterHeader = true,
                ShouldHandle = args => ValueTask.FromResult(
                    !args.Context.CancellationToken.IsCancellationRequested && IsTransient(args.Outcome) && !AsksForLongPause(args.Outcome.Result)),
            });
        }

        builder.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
        {
            FailureRatio = 0.8,
            MinimumThroughput = options.BreakThroughput,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = options.BreakDuration,
            ShouldHandle = args => ValueTask.FromResult(
                IsTransient(args.Outcome) && !(args.Context.GetRequestMessage() is { } request && IsCancelled(request))),
        });
    }

    /// <summary>Whether a status is one that another attempt may not meet.</summary>
    /// <param name="status">The status of an answer.</param>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result: { } response } => IsTransient(response.StatusCode),
        { Exception: HttpRequestException { InnerException: AddressRefusedException } } => false,
        { Exception: HttpRequestException or IOException or OperationCanceledException } => true,
        _ => false,
    };

    private static bool IsCancelled(HttpRequestMessage request) =>
        request.Options.TryGetValue(Cancelled, out var cancelled) && cancelled.IsCancellationRequested;

    private static bool AsksForLongPause(HttpResponseMessage? response) =>
        response?.Headers.RetryAfter is { } after && !(after.Delta <= LongestPause);
}
