using System.Net;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Hosting;

public sealed class FunctionKeysTests
{
    private static readonly Dictionary<string, string?> Keys = new()
    {
        ["Keys:Host"] = "host-key",
        ["Keys:EventGrid"] = "grid-key",
        ["Keys:Functions:Locked"] = "own-key",
        ["Keys:Functions:Other"] = "other-key",
        ["Keys:Functions:Empty"] = "",
    };

    [Theory]
    [InlineData("api/locked", "host-key", HttpStatusCode.OK)]
    [InlineData("api/locked", "own-key", HttpStatusCode.OK)]
    [InlineData("api/locked", "other-key", HttpStatusCode.Unauthorized)]
    [InlineData("api/locked", "grid-key", HttpStatusCode.Unauthorized)]
    [InlineData("api/locked", "", HttpStatusCode.Unauthorized)]
    [InlineData("api/locked", null, HttpStatusCode.Unauthorized)]
    [InlineData("api/empty", "", HttpStatusCode.Unauthorized)]
    [InlineData("api/open", null, HttpStatusCode.OK)]
    public async Task A_function_that_asks_for_a_key_opens_to_its_own_and_the_host_key(string path, string? key, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), settings: Keys, reachable: true);
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
        {
            byHeader.Headers.Add("x-functions-key", key);
        }

        using var answer = await server.Client.SendAsync(byHeader, TestContext.Current.CancellationToken);
        using var byQuery = await server.Client.GetAsync($"{path}?code={key}", TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected, byQuery.StatusCode);
    }

    [Theory]
    [InlineData("api/locked", "The function key is missing. Send it in x-functions-key or ?code=.")]
    [InlineData("api/locked?code=wrong", "The function key is wrong. Keys are the settings Keys:Host and Keys:Functions:Locked.")]
    [InlineData("runtime/webhooks/EventGrid?functionName=Grid", "The webhook's key is missing. Send it in ?code=. For an Event Grid on another machine, set Keys:EventGrid.")]
    [InlineData("runtime/webhooks/EventGrid?functionName=Grid&code=wrong", "The webhook's key is wrong. Send it in ?code=. For an Event Grid on another machine, set Keys:EventGrid.")]
    public async Task A_missing_key_and_a_wrong_one_are_told_apart(string path, string expected)
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), settings: Keys, reachable: true);
        using var request = new HttpRequestMessage(path.StartsWith("api", StringComparison.Ordinal) ? HttpMethod.Get : HttpMethod.Options, path);

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(expected, problem.RootElement.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("grid-key", HttpStatusCode.Accepted)]
    [InlineData("host-key", HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    public async Task The_webhook_opens_to_the_event_grid_key(string key, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), settings: Keys, reachable: true);

        Assert.Equal(expected, await CallAsync(server, $"runtime/webhooks/EventGrid?functionName=Grid&code={key}"));
    }

    [Fact]
    public async Task The_webhook_asks_every_caller_for_the_secret_of_this_start()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions));
        await using var earlier = await TestServer.StartFunctionsAsync(typeof(Functions));

        var answers = new List<HttpStatusCode>();
        foreach (var path in new[] { "runtime/webhooks/EventGrid?functionName=Grid", "runtime/webhooks/EventGrid?functionName=Grid&code=", earlier.WebhookPath("Grid"), server.WebhookPath("Grid") })
        {
            answers.Add(await CallAsync(server, path));
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Accepted], answers);
    }

    [Fact]
    public async Task No_key_is_asked_for_if_none_is_set_and_only_this_machine_can_call()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions));

        using var answer = await server.Client.GetAsync("api/locked", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_that_is_set_is_asked_for_even_if_only_this_machine_can_call()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), settings: Keys);

        using var answer = await server.Client.GetAsync("api/locked", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "own-key")]
    public void Without_a_host_key_a_host_that_asks_for_keys_does_not_start(bool reachable, string? functionKey)
    {
        var refused = Assert.Throws<HostStartException>(
            () => new FunctionKeys(TestServer.Settings(new() { ["Keys:Functions:Locked"] = functionKey }), reachable));

        Assert.Contains("Keys:Host", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api/locked?code=")]
    [InlineData("runtime/webhooks/EventGrid?functionName=Grid&code=")]
    public async Task After_twenty_wrong_keys_in_a_minute_an_address_is_told_to_wait_and_the_log_has_their_number(string path)
    {
        var log = new ListLogger<RefusalLog>();
        var time = new FakeTimeProvider();
        await using var server = await TestServer.StartFunctionsAsync(
            typeof(Functions), services => services.AddSingleton<ILogger<RefusalLog>>(log).AddSingleton<TimeProvider>(time), Keys, reachable: true);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            answers.Add(await CallAsync(server, path + "wrong"));
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Unauthorized, 20).Concat(Enumerable.Repeat(HttpStatusCode.TooManyRequests, 5)), answers);
        Assert.True(await CallAsync(server, path + (path.StartsWith("api", StringComparison.Ordinal) ? "host-key" : "grid-key")) is HttpStatusCode.OK or HttpStatusCode.Accepted);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(server, path + "wrong"));
        Assert.Equal(2, log.Lines.Count);
        Assert.Contains("25 times", log.Lines[1].Text, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", log.Lines[1].Text, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> CallAsync(TestServer server, string path)
    {
        using var request = new HttpRequestMessage(path.StartsWith("api", StringComparison.Ordinal) ? HttpMethod.Get : HttpMethod.Post, path) { Content = new StringContent("[]") };
        request.Headers.Add("aeg-event-type", "Notification");
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    internal sealed class Functions
    {
        [Function("Locked")]
        public static IResult Locked([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest _) => TypedResults.Ok();

        [Function("Empty")]
        public static IResult Empty([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest _) => TypedResults.Ok();

        [Function("Open")]
        public static IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest _) => TypedResults.Ok();

        [Function("Grid")]
        public static void Grid([EventGridTrigger] global::Azure.Messaging.CloudEvent _)
        {
        }
    }
}
