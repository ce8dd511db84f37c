using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using EventFunctions.Storage;
using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventFunctions.Http;

/// <summary>
/// A stream of changes as server-sent events (HTML Living Standard, 9.2). Only the last event of a page has an <c>id</c>, because only
/// there all earlier events were sent: a client that disconnects within a page receives part of it again.
/// </summary>
/// <param name="stream">The stream, which ends with the answer.</param>
/// <param name="filter">What to show of it.</param>
/// <param name="withData">Whether to show the events' data.</param>
/// <param name="cursors">Makes the IDs.</param>
/// <param name="options">How long the answer may take, and how slow its reader may be.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the host stops, which waits for open answers.</param>
internal sealed class EventStreamResponse(
    StreamReading stream, EventFilter filter, bool withData, ChangeCursor cursors, StreamOptions options, TimeProvider time, CancellationToken stopping) : IResult
{
    private const int MaxUnflushedBytes = 65_536;

    private string _cursor = stream.Start;
    private string? _sentCursor;

    /// <summary>The answer where this instance has as many streams as it may.</summary>
    /// <param name="options">How many those are, and how long they last.</param>
    public static Problem TooMany(StreamOptions options) =>
        new(StatusCodes.Status503ServiceUnavailable, string.Create(CultureInfo.InvariantCulture, $"This instance has {options.MaxOpen} streams open, the maximum (Stream:MaxOpen). Try again later, or read the feed."))
        {
            Headers = [new("Retry-After", Math.Max(1, Math.Ceiling(options.MaxDuration.TotalSeconds / 10)).ToString(CultureInfo.InvariantCulture))],
        };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        using (stream)
        {
            var response = httpContext.Response;
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache, no-store";
            response.Headers["X-Accel-Buffering"] = "no";
            if (HttpMethods.IsHead(httpContext.Request.Method))
            {
                return;
            }

            using var over = new CancellationTokenSource(options.MaxDuration, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, httpContext.RequestAborted, stopping);
            try
            {
                await WriteAsync(response.BodyWriter, httpContext.RequestAborted, end.Token);
            }
            catch (OperationCanceledException)
            {
                // Gone, or too slow: nobody to end properly for. What was not written comes after the last ID that was.
                httpContext.Abort();
            }
        }
    }

    private async Task WriteAsync(PipeWriter body, CancellationToken gone, CancellationToken end)
    {
        Put(body, string.Create(CultureInfo.InvariantCulture, $"retry: {(long)options.RetryAfter.TotalMilliseconds}\n"));
        PutId(body);
        body.Write("\n"u8);
        await FlushAsync(body, gone);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        var pages = stream.ReadAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = NextAsync(pages);
        try
        {
            while (await InTimeAsync(next, stop.Token) is var came)
            {
                if (came)
                {
                    if (!await next)
                    {
                        break;
                    }

                    if (!await WritePageAsync(body, pages.Current, gone, end))
                    {
                        return;
                    }

                    next = NextAsync(pages);
                }
                else if (end.IsCancellationRequested)
                {
                    break;
                }
                else
                {
                    body.Write(":\n"u8);
                    PutIdAlone(body);
                    await FlushAsync(body, gone);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await next;
            await pages.DisposeAsync();
        }

        if (!stream.HasFallenBehind)
        {
            PutIdAlone(body);
            await FlushAsync(body, gone);
        }
    }

    private async Task<bool> InTimeAsync(Task next, CancellationToken end)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(end);
        var first = await Task.WhenAny(next, Task.Delay(options.Heartbeat, time, waiting.Token));
        await waiting.CancelAsync();
        return first == next;
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SharedPage> pages)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Whether the whole page was written. A reader that takes a large one slowly is not to outlast its time: without the page's
    // cursor it gets the rest when it comes again.
    private async Task<bool> WritePageAsync(PipeWriter body, SharedPage page, CancellationToken gone, CancellationToken end)
    {
        SharedChange? last = null;
        foreach (var item in page.Items.Where(item => filter.Matches(item.Record)))
        {
            if (last is not null)
            {
                PutEvent(body, last);
            }

            // What its reader has not taken yet is not to pile up here.
            if (body.UnflushedBytes > MaxUnflushedBytes)
            {
                await FlushAsync(body, gone);
                if (end.IsCancellationRequested)
                {
                    return false;
                }
            }

            last = item;
        }

        _cursor = page.Cursor;
        if (last is not null)
        {
            PutId(body);
            PutEvent(body, last);
            await FlushAsync(body, gone);
        }

        return true;
    }

    private void PutEvent(PipeWriter body, SharedChange item)
    {
        body.Write("data: "u8);
        body.Write((withData ? item.Json : item.JsonWithoutData).Span);
        body.Write("\n\n"u8);
    }

    // Where what passed by was not for this reader, it need not read that again either.
    private void PutIdAlone(PipeWriter body)
    {
        if (_cursor != _sentCursor)
        {
            PutId(body);
            body.Write("\n"u8);
        }
    }

    private void PutId(PipeWriter body)
    {
        Put(body, $"id: {cursors.Protect(_cursor)}\n");
        _sentCursor = _cursor;
    }

    private static void Put(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);

    private async Task FlushAsync(PipeWriter body, CancellationToken gone)
    {
        using var slow = new CancellationTokenSource(options.WriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, gone);
        await body.FlushAsync(either.Token);

        // The server ends the connection then, and says nothing.
        either.Token.ThrowIfCancellationRequested();
    }
}
