using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Receiving;

/// <summary>The response of the developer's endpoint to a forwarded delivery.</summary>
/// <param name="Status">The status to answer the service with; 502 or 504 if there was no response.</param>
/// <param name="RetryAfter">The endpoint's <c>Retry-After</c>; null if it sent none.</param>
/// <param name="Failure">Why there was no response; null if there was one.</param>
internal sealed record ForwardResult(int Status, string? RetryAfter, string? Failure)
{
    /// <summary>Shows the status, or why there was no response.</summary>
    public Cell ToCell() => new(Failure ?? $"{Status}", Status is >= 200 and < 300 ? "green" : "red");
}
