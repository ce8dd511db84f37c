using System.Globalization;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The answer while the store cannot be reached.</summary>
internal static class StoreProblem
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Answers, or says that the store cannot be reached.</summary>
    /// <param name="answer">What uses the store.</param>
    public static async Task<IResult> OrUnavailableAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (StoreUnavailableException e)
        {
            return From(e);
        }
    }

    /// <summary><c>503</c> with <c>Retry-After</c>.</summary>
    /// <param name="e">Says when to come back, where the store does.</param>
    private static Problem From(StoreUnavailableException e)
    {
        var seconds = Math.Max(1, Math.Ceiling((e.RetryAfter ?? DefaultRetryAfter).TotalSeconds));
        return new Problem(
            StatusCodes.Status503ServiceUnavailable, "The store is unavailable. Send the request again; events that are already recorded are recognised.")
        {
            Headers = [new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture))],
        };
    }
}
