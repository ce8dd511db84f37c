using System.Net;
using System.Text.RegularExpressions;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Extensions;

namespace EventFunctions.Tests.Guides;

/// <summary>The example of a reverse proxy, by a proxy that does what its lines say.</summary>
public sealed partial class ProxyGuideTests
{
    private const string Key = "the-key-of-this-host";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_key_that_the_guide_sets_the_proxy_passes_on_who_has_it_and_the_API_alone()
    {
        Assert.Contains("Keys__Host=", Example("bash"), StringComparison.Ordinal);
        await using var service = await Service.StartAsync(settings: [("Keys:Host", Key), ("Sample:Enabled", "true")]);
        await using var proxy = await ProxyAsync(service.Host.Address);

        using var none = await SendAsync(proxy, HttpMethod.Get, "/api/events");
        using var wrong = await SendAsync(proxy, HttpMethod.Get, "/api/events", "wrong");
        using var posted = await SendAsync(proxy, HttpMethod.Post, "/api/events", Key);
        using var listed = await SendAsync(proxy, HttpMethod.Get, "/api/events?limit=1", Key);
        using var page = await SendAsync(proxy, HttpMethod.Get, "/api/dashboard");
        using var producer = await SendAsync(proxy, HttpMethod.Get, "/producer/feed", Key);

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Accepted, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound],
            [none.StatusCode, wrong.StatusCode, posted.StatusCode, listed.StatusCode, page.StatusCode, producer.StatusCode]);
    }

    [Fact]
    public async Task Without_a_key_the_host_refuses_what_the_proxy_passes_on_and_says_what_to_set()
    {
        await using var service = await Service.StartAsync();
        await using var proxy = await ProxyAsync(service.Host.Address);
        await using var bare = await ProxyAsync(service.Host.Address, isBare: true);

        using var byName = await SendAsync(proxy, HttpMethod.Post, "/api/events");
        using var byVersion = await SendAsync(bare, HttpMethod.Post, "/api/events");

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], [byName.StatusCode, byVersion.StatusCode]);
        Assert.Contains("Set Keys:Host", await byName.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Contains("Set Keys:Host", await byVersion.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Empty(await service.ListAsync());
    }

    private static string Example(string language)
    {
        var guide = File.ReadAllText(Repository.File("docs/deploy.md")).ReplaceLineEndings("\n");
        var section = guide[guide.IndexOf("## One machine instead of Azure", StringComparison.Ordinal)..];
        return section.Split($"```{language}\n")[1].Split("```")[0];
    }

    private static async Task<HttpResponseMessage> SendAsync(TestServer proxy, HttpMethod method, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? Service.Event("proxied") : null };
        request.Headers.Host = "events.example.com";
        request.Headers.TryAddWithoutValidation("x-functions-key", key);
        return await proxy.Client.SendAsync(request, Stop);
    }

    // Bare is what nginx does with the line proxy_pass alone.
    private static Task<TestServer> ProxyAsync(Uri service, bool isBare = false)
    {
        var example = Example("nginx");
        var location = Location().Match(example).Groups[1].Value;
        var target = new Uri(Pass().Match(example).Groups[1].Value.Replace("http://localhost:7071", service.AbsoluteUri, StringComparison.Ordinal));
        var version = isBare || !example.Contains("proxy_http_version 1.1;", StringComparison.Ordinal) ? HttpVersion.Version10 : HttpVersion.Version11;
        var headers = isBare ? [] : SetHeader().Matches(example).ToDictionary(line => line.Groups[1].Value, line => line.Groups[2].Value);
        Assert.True(headers.Count == (isBare ? 0 : 3));
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        return TestServer.StartAsync(_ => { }, app =>
        {
            app.Lifetime.ApplicationStopped.Register(client.Dispose);
            app.Map(location + "{**rest}", async context =>
            {
                using var request = new HttpRequestMessage(
                    new HttpMethod(context.Request.Method), new Uri(target, context.Request.GetEncodedPathAndQuery()))
                { Version = version };
                if (context.Request.ContentLength > 0)
                {
                    request.Content = new StreamContent(context.Request.Body);
                }

                foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Connection" or "Transfer-Encoding")))
                {
                    if (!request.Headers.TryAddWithoutValidation(name, value.AsEnumerable()))
                    {
                        request.Content?.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
                    }
                }

                foreach (var (name, value) in headers)
                {
                    request.Headers.TryAddWithoutValidation(name, value switch
                    {
                        "$host" => context.Request.Host.Host,
                        "$remote_addr" => context.Connection.RemoteIpAddress!.ToString(),
                        "$scheme" => "https",
                        _ => throw new InvalidOperationException($"The proxy of the test does not know {value}."),
                    });
                }

                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
                context.Response.StatusCode = (int)answer.StatusCode;
                foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Connection" or "Transfer-Encoding")))
                {
                    context.Response.Headers[name] = values.ToArray();
                }

                await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            });
        });
    }

    [GeneratedRegex(@"location (\S+) \{")]
    private static partial Regex Location();

    [GeneratedRegex(@"proxy_pass (\S+);")]
    private static partial Regex Pass();

    [GeneratedRegex(@"proxy_set_header (\S+) (\S+);")]
    private static partial Regex SetHeader();
}
