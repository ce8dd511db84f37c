using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What every response of the service has, whatever it answers.</summary>
public sealed class ResponseHeaderTests
{
    private const string AdministrationKey = "an administration key of the tests";
    private const string Id = "headers-1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_GET_has_a_type_forbids_guessing_it_says_what_may_be_stored_and_is_the_same_for_HEAD()
    {
        await using var service = await StartAsync();
        using var client = Client(service);
        using var posted = await service.PostAsync(Service.Event(Id));
        await service.ReachesAsync(Id, "completed");

        var routes = GetRoutes(service).ToList();
        Assert.True(routes.Count > 25, string.Join(' ', routes));
        var faults = new List<string>();
        foreach (var route in routes)
        {
            var get = await ReadAsync(client, HttpMethod.Get, PathOf(route));
            var head = await ReadAsync(client, HttpMethod.Head, PathOf(route));

            // Senders of messages ask by HEAD whether they reach a receiver at all, which is the same for every name.
            var differences = route == "/api/producers/{name}/events" ? head.Faults(isStatic: false) : get.Differences(head);
            faults.AddRange(get.Faults(IsStatic(route)).Concat(differences).Select(fault => $"{route} ({get.Status}): {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/events", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/events", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("PUT", "/api/producers/none", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/eventgrid/none/api/events", HttpStatusCode.NotFound)]
    public async Task A_refusal_has_them_as_well(string method, string path, HttpStatusCode status)
    {
        await using var service = await StartAsync();
        using var client = Client(service);
        client.DefaultRequestHeaders.Clear();
        client.DefaultRequestHeaders.Add("x-functions-key", "any, which no web page can send");

        var answer = await ReadAsync(client, new HttpMethod(method), path);

        Assert.Equal(status, answer.Status);
        Assert.Empty(answer.Faults(isStatic: false));
    }

    private static Task<Service> StartAsync() => Service.StartAsync(settings:
    [
        ("Sample:Enabled", "true"), ("Administration:Key", AdministrationKey), ("AzureWebJobs:Tick:Disabled", "true"),
    ]);

    private static HttpClient Client(Service service)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = service.Host.Address };
        client.DefaultRequestHeaders.Add("x-admin-key", AdministrationKey);
        return client;
    }

    private static IEnumerable<string> GetRoutes(Service service) =>
        from endpoint in service.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true
        select "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static string PathOf(string route) =>
        route.Replace("events/{id}", $"events/{Id}", StringComparison.Ordinal)
            .Replace("producers/{name}", "producers/stub", StringComparison.Ordinal)
            .Replace("{source}", "~" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Service.Source)).TrimEnd('='), StringComparison.Ordinal)
            .Replace("policies/{subject}", "policies/policy-42", StringComparison.Ordinal)
            .Replace("{subject}", Id, StringComparison.Ordinal)
            .Replace("{file}", "main.js", StringComparison.Ordinal)
            .Replace('{', '-').Replace('}', '-')
        + (route.StartsWith("/api/events/{id}", StringComparison.Ordinal) ? "?source=" + Uri.EscapeDataString(Service.Source) : "");

    private static bool IsStatic(string route) =>
        route.StartsWith("/api/dashboard", StringComparison.Ordinal) || route.StartsWith("/api/openapi", StringComparison.Ordinal) || route == "/api/docs";

    private static async Task<Answer> ReadAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .Where(header => header.Key is not ("Date" or "Transfer-Encoding"))
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var hasBody = method != HttpMethod.Head && await (await response.Content.ReadAsStreamAsync(Cancellation)).ReadAsync(new byte[1], Cancellation) > 0;
        return new Answer(response.StatusCode, headers, hasBody);
    }

    private sealed record Answer(HttpStatusCode Status, Dictionary<string, string> Headers, bool HasBody)
    {
        public IEnumerable<string> Faults(bool isStatic)
        {
            if (HasBody && !Headers.ContainsKey("Content-Type"))
            {
                yield return "It has a body and no type.";
            }

            if (Headers.GetValueOrDefault("X-Content-Type-Options") != "nosniff")
            {
                yield return "Its type may be guessed.";
            }

            if (Headers.GetValueOrDefault("Cache-Control") is var caching && (isStatic && Status == HttpStatusCode.OK ? caching != "no-cache" : caching?.Contains("no-store", StringComparison.Ordinal) != true))
            {
                yield return $"Its Cache-Control is {caching}.";
            }
        }

        public IEnumerable<string> Differences(Answer head)
        {
            if (head.Status != Status)
            {
                yield return $"HEAD is answered {head.Status}.";
            }

            foreach (var name in Headers.Keys.Union(head.Headers.Keys).Where(name => Headers.GetValueOrDefault(name) != head.Headers.GetValueOrDefault(name)))
            {
                yield return $"{name} is {Headers.GetValueOrDefault(name)}, and {head.Headers.GetValueOrDefault(name)} for HEAD.";
            }
        }
    }
}
