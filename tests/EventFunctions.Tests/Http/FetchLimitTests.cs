using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class FetchLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_of_exactly_the_limit_is_fetched_with_and_without_a_length()
    {
        await using var server = await StubServer.StartAsync(Body(new byte[50_000]));
        Assert.Equal(50_000, (await FetchAsync(server, limit: 50_000)).Body.Length);

        server.Answer = Chunked(new byte[50_000]);
        Assert.Equal(50_000, (await FetchAsync(server, limit: 50_000)).Body.Length);
    }

    [Fact]
    public async Task Data_over_the_limit_by_its_length_is_refused_before_it_is_read()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 100_000;
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });

        var error = await FailAsync(server, data => data with { MaxBytes = 99_999 });

        Assert.Equal((FailureReason.TooLarge, true), (error.Reason, error.Permanent));
    }

    [Fact]
    public async Task Data_over_the_limit_is_refused_while_it_is_read()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[10_000], context.RequestAborted);
            }
        });

        var error = await FailAsync(server, data => data with { MaxBytes = 50_000 });

        Assert.Equal((FailureReason.TooLarge, true), (error.Reason, error.Permanent));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Compressed_data_is_unpacked_and_limited_by_what_comes_out(string encoding)
    {
        await using var server = await StubServer.StartAsync(Compressed(encoding, new byte[1_000_000]));

        var fetched = await FetchAsync(server, limit: 1_000_000);
        var error = await FailAsync(server, data => data with { MaxBytes = 999_999 });

        Assert.Equal(1_000_000, fetched.Body.Length);
        Assert.Equal(FailureReason.TooLarge, error.Reason);
        Assert.Contains(encoding, server.Requests.First().Headers["Accept-Encoding"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_not_compressed_as_it_says_is_invalid()
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("this is no gzip");
        });

        var error = await FailAsync(server);

        Assert.Equal((FailureReason.InvalidContent, true), (error.Reason, error.Permanent));
    }

    [Fact]
    public async Task A_content_encoding_that_nobody_asked_for_is_a_bad_answer()
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "zstd";
            return context.Response.WriteAsync("x");
        });

        Assert.Equal(FailureReason.BadAnswer, (await FailAsync(server)).Reason);
    }
}
