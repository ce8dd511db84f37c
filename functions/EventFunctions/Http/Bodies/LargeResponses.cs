using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// Limits how many large responses are written at once, and how slow their readers may be, so that the memory for them is bounded.
/// </summary>
/// <param name="most">The most at once.</param>
/// <param name="writeTimeout">How long a reader may take for a piece of <see cref="PieceBytes"/> before it is dropped.</param>
/// <param name="budget">How long a whole response may take.</param>
internal sealed class LargeResponses(int most, TimeSpan writeTimeout, TimeSpan budget)
{
    /// <summary>The bytes of a piece. A response that is smaller than one is not large: the server's own buffer takes it.</summary>
    public const int PieceBytes = 65_536;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private int _open;

    /// <summary>Those of this instance: 32 pages of 4 MB and the pieces of them are about 200 MB.</summary>
    public static LargeResponses Shared { get; } = new(32, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2));

    /// <summary>How many are written now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Returns the response when the limit is reached.</summary>
    public static Problem TooMany() => new(
        StatusCodes.Status503ServiceUnavailable,
        "Too many large responses are being read. Send the request again later, or ask for fewer items with limit.")
    {
        Headers = [new("Retry-After", RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture))],
    };

    /// <summary>Takes one of the places.</summary>
    /// <returns>Null where none is left; else disposed of when the response is over.</returns>
    public Place? TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= most)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _open);
        return null;
    }

    /// <summary>The place of one response.</summary>
    internal sealed class Place(LargeResponses all) : IDisposable
    {
        private readonly CancellationTokenSource _over = new(all.Budget);

        /// <summary>Writes a part of the response. The connection of a reader that does not take it in time is aborted.</summary>
        /// <param name="context">The request.</param>
        /// <param name="part">The part, of any size.</param>
        /// <returns>Whether it was taken.</returns>
        public async Task<bool> WriteAsync(HttpContext context, ReadOnlyMemory<byte> part)
        {
            try
            {
                for (; part.Length > 0; part = part[Math.Min(part.Length, PieceBytes)..])
                {
                    using var slow = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, context.RequestAborted);
                    slow.CancelAfter(all.WriteTimeout);
                    await context.Response.BodyWriter.WriteAsync(part[..Math.Min(part.Length, PieceBytes)], slow.Token);

                    // The server ends the connection then, and says nothing.
                    slow.Token.ThrowIfCancellationRequested();
                }

                return true;
            }
            catch (OperationCanceledException)
            {
                context.Abort();
                return false;
            }
        }

        /// <summary>Aborts the connection if the response takes too long, for a response that something else writes.</summary>
        /// <param name="context">The request.</param>
        /// <returns>Ends that when disposed.</returns>
        public CancellationTokenRegistration AbortWhenOver(HttpContext context) => _over.Token.UnsafeRegister(static one => ((HttpContext)one!).Abort(), context);

        /// <inheritdoc/>
        public void Dispose()
        {
            _over.Dispose();
            Interlocked.Decrement(ref all._open);
        }
    }

    private TimeSpan Budget => budget;

    private TimeSpan WriteTimeout => writeTimeout;
}
