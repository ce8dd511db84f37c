using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The failed deliveries that a request wants sent again.</summary>
/// <param name="Since">When they failed, at the earliest.</param>
internal sealed record ResendOrder(DateTimeOffset Since)
{
    private static readonly string[] Names = ["since"];

    /// <summary>Reads the body of a request.</summary>
    public static Task<(ResendOrder? Order, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JobRequest.ReadAsync(request, body => new ResendOrder(body.Time("since", required: true) ?? default), Names, cancellationToken);
}
