using System.Net;
using System.Text;
using Xunit.Sdk;

namespace EventFunctions.Tests.Contract;

public sealed class ContractHandlerTests
{
    private const string Receipt = """{"id":"1","source":"/s","status":"recorded","duplicate":false}""";
    private const string Change =
        """data: {"id":"1","source":"/s","type":"t","producer":"p","status":"recorded","run":0,"recordedAt":"2026-01-31T08:30:00.120Z","timeline":[]}""";
    private const string Event = """{"id":"1","source":"/s","type":"t"}""";

    [Theory]
    [InlineData(418, "application/json", Receipt, "There is no answer 418.")]
    [InlineData(202, "text/plain", Receipt, "is not of type text/plain")]
    [InlineData(202, "application/json", """{"id":"1","source":"/s","status":"recorded"}""", "#")]
    [InlineData(202, "application/json", """{"id":"1","source":"/s","status":"lost","duplicate":false}""", "#")]
    [InlineData(202, "application/json", """{"id":"1","source":"/s","status":"recorded","duplicate":false,"secret":1}""", "#")]
    [InlineData(503, "application/problem+json", """{"title":"t","status":503,"detail":"d"}""", "no header Retry-After")]
    [InlineData(400, "application/problem+json", """{"title":"t","status":404,"detail":"d"}""", "another status")]
    public async Task An_answer_that_the_contract_does_not_have_fails_its_test(int status, string type, string body, string fault)
    {
        var failed = await Assert.ThrowsAnyAsync<XunitException>(() => SendAsync("/api/events", Event, status, type, body));

        Assert.Contains(fault, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/events?colour=red", Event, "There is no parameter colour.")]
    [InlineData("/api/events", """{"id":"1","source":"/s"}""", "#")]
    public async Task A_request_that_the_contract_does_not_have_may_not_be_answered_well(string path, string json, string fault)
    {
        var failed = await Assert.ThrowsAnyAsync<XunitException>(() => SendAsync(path, json, 202, "application/json", Receipt));

        Assert.Contains(fault, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/events", Event, 202, "application/json", Receipt)]
    [InlineData("/api/events?code=key", Event, 202, "application/json", "[" + Receipt + "]")]
    [InlineData("/api/events?colour=red", "{}", 400, "application/problem+json", """{"title":"t","status":400,"detail":"d","errors":[{"parameter":"colour","detail":"d"}]}""")]
    [InlineData("/elsewhere", "{}", 418, "text/plain", "")]
    public async Task What_the_contract_has_passes(string path, string json, int status, string type, string body) =>
        Assert.Equal(status, (int)await SendAsync(path, json, status, type, body));

    [Theory]
    [InlineData("retry: 1\nid: a\n\n:\ndata: {}\n\n", "#")]
    [InlineData("data: no JSON\n\n", "It is no JSON")]
    [InlineData("data: [\n\n", "It is no JSON")]
    [InlineData("event: change\n\n", "There is no such field: event")]
    public async Task An_event_of_a_stream_that_the_contract_does_not_have_fails_its_reader(string text, string fault)
    {
        var failed = await Assert.ThrowsAnyAsync<XunitException>(() => StreamAsync(text));

        Assert.Contains(fault, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry: 1\nid: a\n\n:\n" + Change + "\n\nid: b\n" + Change + "\n\n")]
    [InlineData(Change + "\n\ndata: {\"id\":")]
    public async Task A_stream_that_the_contract_has_comes_as_it_is(string text) => Assert.Equal(text, await StreamAsync(text));

    private static async Task<string> StreamAsync(string text)
    {
        using var client = new HttpClient(new ContractHandler(new Answering(200, "text/event-stream", text))) { BaseAddress = new Uri("http://service/") };
        using var answer = await client.GetAsync("/api/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), bufferSize: 16);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> SendAsync(string path, string json, int status, string type, string body)
    {
        using var client = new HttpClient(new ContractHandler(new Answering(status, type, body))) { BaseAddress = new Uri("http://service/") };
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private sealed class Answering(int status, string type, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) });
    }
}
