using System.Globalization;
using EventFunctions.Jobs;
using EventFunctions.Publication;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The responses while jobs, replays and resends do as much as they may.</summary>
internal static class JobProblem
{
    private const int SecondsPerJob = 60;

    /// <summary>Makes a change, and turns what exceeds the limits of jobs into <c>429</c> with <c>Retry-After</c>.</summary>
    /// <param name="make">Makes the change.</param>
    public static async Task<ChangeResult> OrTooManyAsync(Func<Task<ChangeResult>> make)
    {
        try
        {
            return await make();
        }
        catch (TooManyJobsException e)
        {
            return TooMany(e.Message + " Wait until one ends, or cancel one: GET /api/replays lists them, DELETE /api/replays/{id} cancels one.", SecondsPerJob);
        }
        catch (RepublishRateException e)
        {
            return TooMany(e.Message + " Nothing was sent. Send the request again later.", Math.Max(1, Math.Ceiling(e.RetryAfter.TotalSeconds)));
        }
    }

    private static ChangeResult TooMany(string detail, double seconds) => new(new Problem(StatusCodes.Status429TooManyRequests, detail)
    {
        Headers = [new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture))],
    });
}
