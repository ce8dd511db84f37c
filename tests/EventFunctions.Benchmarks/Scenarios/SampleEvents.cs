using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>Requests that hold policy notifications, no two of them the same event.</summary>
/// <param name="source">Their source.</param>
internal sealed class SampleEvents(string source = "/insurance/policies")
{
    private readonly string _series = Guid.NewGuid().ToString("N")[..8];

    public HttpRequestMessage Single(long n) => Post("/api/events", "application/cloudevents+json", Event(n));

    public HttpRequestMessage Batch(long n, int size) =>
        Post("/api/events", "application/cloudevents-batch+json", '[' + string.Join(',', Enumerable.Range(0, size).Select(i => Event((n * size) + i))) + ']');

    /// <summary>A publication as EventGridPublisherClient sends it.</summary>
    public HttpRequestMessage Publication(long n, string path, string key)
    {
        var request = Post(path + "?api-version=2018-01-01", "application/cloudevents-batch+json", '[' + Event(n) + ']');
        request.Headers.Add("aeg-sas-key", key);
        return request;
    }

    private static HttpRequestMessage Post(string path, string contentType, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType, "utf-8");
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    private string Event(long n) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"specversion":"1.0","id":"{{_series}}-{{n}}","source":"{{source}}","type":"policy.renewed","subject":"policy-{{n % 100_000}}","time":"2026-11-23T09:30:00Z","datacontenttype":"application/json","data":{"effectiveDate":"2026-12-01","premium":{"amount":512.40,"currency":"EUR"},"reason":"annual renewal","agent":"A-{{n % 977}}" } }
        """);
}
