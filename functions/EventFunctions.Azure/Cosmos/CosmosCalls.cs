using System.Globalization;
using System.Net;
using Azure;
using Azure.Identity;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Calls of Cosmos DB within a budget, and what their failures mean.</summary>
internal static class CosmosCalls
{
    /// <summary>What to do where the account does not let the service in.</summary>
    public const string AccessRemedy = "check Cosmos:Key or Cosmos:ConnectionString or, without them, give the service's identity the data-plane role "
        + "\"Cosmos DB Built-in Data Contributor\"; the account's firewall must also allow it";

    private const string SubStatus = "x-ms-substatus";
    private const string RetryAfter = "x-ms-retry-after-ms";

    /// <summary>Calls, and gives up when the budget is spent: the SDK's own limits are longer, and not all of it looks at a token.</summary>
    /// <param name="budget">How long the call may take with all retries.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer, or cannot now.</exception>
    public static async Task<T> RunAsync<T>(TimeSpan budget, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(budget);
        try
        {
            return await call(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new StoreUnavailableException($"Cosmos DB did not respond within {budget}.", e);
        }
        catch (Exception e) when (e is CosmosException or HttpRequestException or IOException or TimeoutException
            or AuthenticationFailedException or RequestFailedException)
        {
            throw Explain(e);
        }
    }

    /// <summary>Returns whether the item does not exist, as opposed to a missing container or a replica that lags behind.</summary>
    public static bool IsNotFound(ResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && response.Headers.GetValueOrDefault(SubStatus) is null or "" or "0";

    /// <summary>Creates the exception for an unexpected response.</summary>
    public static Exception Unexpected(ResponseMessage response) => Explain(
        response.StatusCode,
        response.Headers.GetValueOrDefault(SubStatus),
        double.TryParse(response.Headers.GetValueOrDefault(RetryAfter), CultureInfo.InvariantCulture, out var pause) ? TimeSpan.FromMilliseconds(pause) : null,
        FirstLine(response.ErrorMessage),
        inner: null);

    private static Exception Explain(Exception error) => error switch
    {
        CosmosException e => Explain(e.StatusCode, e.SubStatusCode.ToString(CultureInfo.InvariantCulture), e.RetryAfter, FirstLine(e.ResponseBody), e),
        AuthenticationFailedException e => new StoreUnavailableException($"Cannot sign in to Cosmos DB. {Identity.Missing}", e),
        _ => new StoreUnavailableException("Cosmos DB cannot be reached.", error),
    };

    private static Exception Explain(HttpStatusCode status, string? subStatus, TimeSpan? retryAfter, string? detail, Exception? inner)
    {
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"Cosmos DB answered {(int)status}{(subStatus is null or "" or "0" ? "" : "." + subStatus)}: {detail}{Remedy(status)}");
        return status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge

            // No repeat of the same call will do better.
            ? new InvalidOperationException(message, inner)
            : new StoreUnavailableException(message, inner) { RetryAfter = retryAfter > TimeSpan.Zero ? retryAfter : null };
    }

    private static string Remedy(HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? $" To get access, {AccessRemedy}." : "";

    private static string FirstLine(string? text)
    {
        const int shown = 300;
        var line = text.AsSpan().TrimStart();
        line = line[..(line.IndexOfAny('\r', '\n') is var end and >= 0 ? end : line.Length)];
        return line[..Math.Min(line.Length, shown)].ToString();
    }
}
