using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Tests.Hosting;

namespace EventFunctions.Tests.SampleProducer;

public sealed class SampleProducerTests : IDisposable
{
    private readonly TemporaryFolder _temp = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_policy_is_there_and_stays_the_same()
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync();

        var policy = await server.Client.GetStringAsync("producer/policies/policy-42?event=1", Cancellation);

        Assert.Equal(policy, await other.Client.GetStringAsync("producer/policies/policy-42?event=2", Cancellation));
        Assert.NotEqual(policy, await server.Client.GetStringAsync("producer/policies/policy-43", Cancellation));
        Assert.InRange(policy.Length, 700, 1_400);
        using var json = JsonDocument.Parse(policy);
        Assert.Equal("policy-42", json.RootElement.GetProperty("policy").GetString());
    }

    [Fact]
    public async Task What_the_caller_has_already_is_not_sent_again()
    {
        await using var server = await StartAsync();
        using var first = await server.Client.GetAsync("producer/policies/policy-42", Cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, "producer/policies/policy-42");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var answer = await server.Client.SendAsync(again, Cancellation);
        using var next = new HttpRequestMessage(HttpMethod.Get, "producer/policies/policy-43") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var other = await server.Client.SendAsync(next, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Equal(first.Headers.ETag, answer.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_policy_that_was_changed_has_another_premium_and_another_etag_and_nothing_else()
    {
        await using var server = await StartAsync();
        using var first = await server.Client.GetAsync("producer/policies/policy-42", Cancellation);
        await BehaveAsync(server, """{"subject":"policy-42","revision":1}""");

        using var changed = await server.Client.GetAsync("producer/policies/policy-42", Cancellation);

        Assert.NotEqual(first.Headers.ETag, changed.Headers.ETag);
        var (before, after) = (JsonNode.Parse(await first.Content.ReadAsStringAsync(Cancellation))!, JsonNode.Parse(await changed.Content.ReadAsStringAsync(Cancellation))!);
        Assert.Equal(before["premium"]!["amount"]!.GetValue<decimal>() + 10, after["premium"]!["amount"]!.GetValue<decimal>());
        after["premium"] = before["premium"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Theory]
    [InlineData("policy-")]
    [InlineData("policy-x")]
    [InlineData("policy--1")]
    [InlineData("policy-1234567890123456789")]
    [InlineData("claim-1")]
    public async Task Other_subjects_are_not_found(string subject)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync($"producer/policies/{subject}", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_rule_for_a_subject_goes_before_a_ranges_and_that_before_the_one_for_all()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """
            [{"failAlways":true,"status":500},{"from":10,"to":20,"failAlways":true,"status":404},{"subject":"policy-15","failAlways":true,"status":410}]
            """);

        Assert.Equal(HttpStatusCode.InternalServerError, await GetAsync(server, "policy-9"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(server, "policy-10"));
        Assert.Equal(HttpStatusCode.Gone, await GetAsync(server, "policy-15"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(server, "policy-20"));
    }

    [Fact]
    public async Task A_policy_fails_as_often_as_told_and_no_more()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """{"failures":2,"retryAfter":3}""");

        using var first = await server.Client.GetAsync("producer/policies/policy-1", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), first.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(server, "policy-1"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "policy-1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(server, "policy-2"));
    }

    [Fact]
    public async Task New_rules_take_the_place_of_all_that_were_there()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """{"failAlways":true}""");

        await BehaveAsync(server, "[]");

        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "policy-1"));
        Assert.Equal("[]", await server.Client.GetStringAsync("producer/behaviour", Cancellation));
    }

    [Fact]
    public async Task Too_much_is_sent_to_the_byte_without_being_announced()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """{"bytes":3000000}""");

        using var answer = await server.Client.GetAsync("producer/policies/policy-1", HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Null(answer.Content.Headers.ContentLength);
        Assert.Equal(3_000_000, (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    [Fact]
    public async Task A_redirect_leads_where_it_is_told_to()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """{"redirect":"http://example.com/elsewhere"}""");

        using var answer = await server.Client.GetAsync("producer/policies/policy-1", Cancellation);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(new Uri("http://example.com/elsewhere"), answer.Headers.Location);
    }

    [Fact]
    public async Task A_slow_policy_takes_its_time_and_holds_no_other_up()
    {
        await using var server = await StartAsync();
        await BehaveAsync(server, """{"subject":"policy-1","delayMs":600000}""");
        using var impatient = new CancellationTokenSource();

        var slow = server.Client.GetAsync("producer/policies/policy-1", impatient.Token);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "policy-2"));
        Assert.False(slow.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("7")]
    [InlineData("[null]")]
    [InlineData("""{"unknown":1}""")]
    [InlineData("""{"subject":"policy-1","from":1,"to":2}""")]
    [InlineData("""{"from":2,"to":1}""")]
    [InlineData("""{"from":2}""")]
    [InlineData("""{"status":200}""")]
    [InlineData("""{"delayMs":-1}""")]
    [InlineData("""{"bytes":1}""")]
    [InlineData("""{"failures":-1}""")]
    [InlineData("""{"revision":-1}""")]
    public async Task A_rule_that_makes_no_sense_is_refused_and_changes_nothing(string rule)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.PutAsync("producer/behaviour", new StringContent(rule, Encoding.UTF8, "application/json"), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("[]", await server.Client.GetStringAsync("producer/behaviour", Cancellation));
    }

    [Fact]
    public async Task Fetches_are_counted_and_logged_with_the_event_they_were_for()
    {
        var file = _temp.File("fetches.log");
        await using (var server = await StartAsync(file))
        {
            await BehaveAsync(server, """{"subject":"policy-2","failAlways":true}""");
            await GetAsync(server, "policy-1?event=a%20b%0A");
            await GetAsync(server, "policy-1?event=c");
            await GetAsync(server, "policy-2?event=d");
            var fetches = await server.Client.GetFromJsonAsync<JsonElement>("producer/fetches", Cancellation);
            var one = await server.Client.GetStringAsync("producer/fetches?subject=policy-1", Cancellation);

            Assert.Equal(3, fetches.GetProperty("total").GetInt32());
            Assert.Equal(2, fetches.GetProperty("subjects").GetProperty("policy-1").GetInt32());
            Assert.Equal("""{"total":3,"subjects":{"policy-1":2}}""", one);

            // Read while the producer runs: what it answered is written, whenever it is killed.
            await using var reading = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var lines = (await new StreamReader(reading).ReadToEndAsync(Cancellation)).TrimEnd().Split('\n');
            Assert.Equal(["policy-1 a%20b%0A", "policy-1 c", "policy-2 d"], lines.Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        }
    }

    private static Task<TestServer> StartAsync(string? log = null) =>
        TestServer.StartAsync(services => services.AddSampleProducer(time => new FetchLog(time, log)), application => application.MapSampleProducer());

    private static async Task BehaveAsync(TestServer server, string rules)
    {
        using var answer = await server.Client.PutAsync("producer/behaviour", new StringContent(rules, Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> GetAsync(TestServer server, string subject)
    {
        using var answer = await server.Client.GetAsync($"producer/policies/{subject}", Cancellation);
        return answer.StatusCode;
    }
}
