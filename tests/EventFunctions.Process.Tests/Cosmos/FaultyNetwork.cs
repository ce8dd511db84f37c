using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EventFunctions.Tests.Cosmos;

/// <summary>What may go wrong between the SDK and the account.</summary>
public enum Fault
{
    None,
    TooManyRequests,
    TooManyRequestsWithPause,
    RetryWith,
    ServiceUnavailable,
    RequestTimeout,
    ResetBefore,
    ResetAfter,
    NoAnswer,
}

/// <summary>The way to the account: counts the requests for items, and fails those that a test chooses.</summary>
internal sealed class FaultyNetwork : DelegatingHandler
{
    /// <summary>What happens to a request for an item, given its method; by default nothing.</summary>
    public Func<HttpMethod, Fault> Choose { get; set; } = _ => Fault.None;

    /// <summary>The requests for items, each named by what it does, in the order they were made.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.Contains("/docs", StringComparison.Ordinal))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        Requests.Enqueue(request.Headers.Contains("x-ms-cosmos-is-query-plan-request") ? "plan"
            : request.Headers.Contains("x-ms-documentdb-isquery") ? "query"
            : request.Method.Method);
        var fault = Choose(request.Method);
        switch (fault)
        {
            case Fault.TooManyRequests:
                return Answer(HttpStatusCode.TooManyRequests);
            case Fault.TooManyRequestsWithPause:
                var answer = Answer(HttpStatusCode.TooManyRequests);
                answer.Headers.Add("x-ms-retry-after-ms", "20");
                return answer;
            case Fault.RetryWith:
                return Answer((HttpStatusCode)449);
            case Fault.ServiceUnavailable:
                return Answer(HttpStatusCode.ServiceUnavailable);
            case Fault.RequestTimeout:
                return Answer(HttpStatusCode.RequestTimeout);
            case Fault.ResetBefore:
                throw Reset();
            case Fault.NoAnswer:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (fault == Fault.ResetAfter)
        {
            response.Dispose();
            throw Reset();
        }

        return response;
    }

    private static HttpRequestException Reset() => new("reset", new IOException("reset", new SocketException((int)SocketError.ConnectionReset)));

    private static HttpResponseMessage Answer(HttpStatusCode status)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent("{\"message\":\"fault\"}") };
        response.Headers.Add("x-ms-activity-id", Guid.NewGuid().ToString());
        return response;
    }
}
