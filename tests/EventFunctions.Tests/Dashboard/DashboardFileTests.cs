using System.Net;
using System.Text.RegularExpressions;
using EventFunctions.Functions;
using EventFunctions.Http;
using EventFunctions.Local.Hosting;
using EventFunctions.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Dashboard;

public sealed partial class DashboardFileTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_and_all_that_it_names_are_served_without_a_key_under_a_policy_that_lets_nothing_in()
    {
        await using var server = await StartAsync();
        var waiting = new Queue<string>(["/api/dashboard"]);
        var seen = new HashSet<string>();
        while (waiting.TryDequeue(out var path))
        {
            if (!seen.Add(path))
            {
                continue;
            }

            using var answer = await server.Client.GetAsync(path, Cancellation);
            Assert.True(answer.IsSuccessStatusCode, path);
            Assert.Equal(DashboardResponse.Policy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            var content = await answer.Content.ReadAsStringAsync(Cancellation);
            foreach (Match named in Named().Matches(content))
            {
                waiting.Enqueue("/api/dashboard/" + named.Groups["file"].Value);
            }
        }

        Assert.Superset(new HashSet<string> { "/api/dashboard/main.js", "/api/dashboard/app.css", "/api/dashboard/producers.js", "/api/dashboard/live.js" }, seen);

        // All modules are asked for at once, and not each where another names it.
        var page = await server.Client.GetStringAsync("/api/dashboard", Cancellation);
        Assert.All(
            seen.Where(path => path.EndsWith(".js", StringComparison.Ordinal) && !path.EndsWith("/main.js", StringComparison.Ordinal)),
            path => Assert.Contains($"<link rel=\"modulepreload\" href=\"{path}\">", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unchanged_file_is_not_sent_again_and_what_is_not_there_is_not_found()
    {
        await using var server = await StartAsync();
        using var first = await server.Client.GetAsync("/api/dashboard/main.js", Cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/dashboard/main.js") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await server.Client.SendAsync(again, Cancellation);
        using var none = await server.Client.GetAsync("/api/dashboard/..%2fappsettings.json", Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(DashboardResponse.Policy, Assert.Single(second.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static Task<TestServer> StartAsync()
    {
        var settings = TestServer.Settings();
        return TestServer.StartAsync(
            services => services
                .AddSingleton<DashboardFiles>()
                .AddSingleton<OpenApiDocument>()
                .AddFunctions(FunctionCatalog.Find([typeof(Pages)], settings), new FunctionKeys(TestServer.Settings(new() { ["Keys:Host"] = "key", ["Keys:EventGrid"] = "grid" }), reachable: true)),
            application => application.MapFunctions());
    }

    [GeneratedRegex("""(?:/api/dashboard/|from '\./)(?<file>[a-z]+\.(?:js|css|svg))""")]
    private static partial Regex Named();
}
