using System.Net;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Hosting;

public sealed class UnansweredRequestsTests
{
    [Theory]
    [InlineData("GET", "nowhere", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "here", HttpStatusCode.MethodNotAllowed)]
    public async Task What_no_endpoint_answers_is_explained(string method, string path, HttpStatusCode status)
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((int)status, body.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(status == HttpStatusCode.MethodNotAllowed ? ["GET"] : [], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task What_an_endpoint_answers_is_left_alone()
    {
        await using var server = await StartAsync();

        using var response = await server.Client.GetAsync(new Uri("here", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("own words", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_endpoint_that_throws_is_answered_with_a_problem_and_the_headers_of_every_response()
    {
        await using var server = await TestServer.StartAsync(_ => { }, application =>
        {
            application.Use(FailedEndpoints.Explain(NullLogger.Instance));
            application.MapGet("/throws", (RequestDelegate)(_ => throw new InvalidOperationException("for the log alone")));
            application.MapGet("/refuses", (RequestDelegate)(_ => throw new BadHttpRequestException("too slow", StatusCodes.Status408RequestTimeout)));
        });

        foreach (var (path, status, detail) in new[] { ("throws", HttpStatusCode.InternalServerError, "See the host's log"), ("refuses", HttpStatusCode.RequestTimeout, "too slow") })
        {
            using var response = await server.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

            Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.Equal(("nosniff", "no-store"), (response.Headers.GetValues("X-Content-Type-Options").Single(), response.Headers.CacheControl?.ToString()));
            Assert.Contains(detail, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(_ => { }, application =>
    {
        application.Use(UnansweredRequests.Explain);
        application.MapGet("/here", (RequestDelegate)(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsync("own words");
        }));
    });
}
