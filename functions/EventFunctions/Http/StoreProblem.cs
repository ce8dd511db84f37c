using System.Globalization;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The answer while the store cannot be reached.</summary>
internal static class StoreProblem
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Returns the response, or <c>503</c> with <c>Retry-After</c> if the store is unavailable or other requests keep changing the resource.</summary>
    /// <param name="answer">What uses the store.</param>
    public static async Task<IResult> OrUnavailableAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (StoreUnavailableException e)
        {
            return Unavailable(e.RetryAfter ?? DefaultRetryAfter, "The store is unavailable. Send the request again; events that are already recorded are recognised.");
        }
        catch (ContentionException)
        {
            return Unavailable(TimeSpan.Zero, "Other requests are changing the same resource. Send the request again.");
        }
    }

    private static Problem Unavailable(TimeSpan retryAfter, string detail) => new(StatusCodes.Status503ServiceUnavailable, detail)
    {
        Headers = [new("Retry-After", Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture))],
    };
}
