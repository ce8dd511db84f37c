using System.Text.Json.Nodes;

namespace EventFunctions.Tests.Contract;

/// <summary>
/// Fails the test whose request is answered otherwise than the OpenAPI document says: with another status, content type or
/// body, without a header, or well although the document would not allow the request. A stream of events fails whoever reads it
/// at the first event that is not as the document says. Requests that are no calls of the document are let alone; that it has
/// all calls is a test of its own.
/// </summary>
internal sealed class ContractHandler(HttpMessageHandler network) : DelegatingHandler(network)
{
    private const string AnyMedia = "*/*";
    private const string EventStream = "text/event-stream";

    // The Functions host's own.
    private static readonly string[] HostParameters = ["code", "clientId"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = request.RequestUri is { } uri ? ContractCall.Find(request.Method.Method, uri.AbsolutePath) : null;
        var sent = call is not null && request.Content is ByteArrayContent content ? await content.ReadAsByteArrayAsync(cancellationToken) : null;
        var response = await base.SendAsync(request, cancellationToken);
        if (call is not null)
        {
            var faults = RequestFaults(call, request, sent, response).Concat(AnswerFaults(call, response, await BodyAsync(response, cancellationToken))).ToList();
            Assert.True(faults.Count == 0, $"{call.Method} {call.Path} is not as docs/openapi.yaml says:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
            CheckEvents(call, response);
        }

        return response;
    }

    private static void CheckEvents(ContractCall call, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.MediaType == EventStream
            && call.Answers[(int)response.StatusCode].Bodies.GetValueOrDefault(EventStream)?.DataSchema is { } schema)
        {
            response.Content = new CheckedEvents(response.Content, new EventDataCheck(schema), $"{call.Method} {call.Path}");
        }
    }

    // A stream is its reader's to read.
    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.Content.Headers.ContentType?.MediaType == EventStream ? [] : await response.Content.ReadAsByteArrayAsync(cancellationToken);

    private static IEnumerable<string> RequestFaults(ContractCall call, HttpRequestMessage request, byte[]? body, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            yield break;
        }

        var names = request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')[0]);
        foreach (var name in names.Except(call.Query, StringComparer.OrdinalIgnoreCase).Except(HostParameters, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"There is no parameter {name}.";
        }

        // What comes with the attributes of an event in headers is the event's data.
        if (body is not null
            && request.Content!.Headers is { ContentEncoding.Count: 0, ContentType.MediaType: { } type } headers
            && type.EndsWith("json", StringComparison.Ordinal)
            && !request.Headers.Concat(headers).Any(header => header.Key.StartsWith("ce-", StringComparison.OrdinalIgnoreCase))
            && call.Bodies.TryGetValue(type, out var described))
        {
            foreach (var fault in ContractDocument.OpenApi.Check(described.Schema, body))
            {
                yield return $"The request was answered well and is not valid: {fault}";
            }
        }
    }

    private static IEnumerable<string> AnswerFaults(ContractCall call, HttpResponseMessage response, byte[] body)
    {
        var status = (int)response.StatusCode;
        if (!call.Answers.TryGetValue(status, out var answer))
        {
            return [$"There is no answer {status}."];
        }

        var headers = answer.Headers.Where(name => !response.Headers.NonValidated.Contains(name) && !response.Content.Headers.NonValidated.Contains(name)).Select(name => $"The answer {status} has no header {name}.");
        return headers.Concat(BodyFaults(status, answer, response.Content.Headers.ContentType?.MediaType, body));
    }

    private static IEnumerable<string> BodyFaults(int status, ContractAnswer answer, string? type, byte[] body)
    {
        if (type is null || !answer.Bodies.TryGetValue(type, out var described))
        {
            return answer.Bodies.ContainsKey(AnyMedia) || (type is null && body.Length == 0 && answer.Bodies.Count == 0)
                ? []
                : [$"The answer {status} is not of type {type ?? "none"}, with {body.Length} bytes."];
        }

        return !type.EndsWith("json", StringComparison.Ordinal) ? []
            : type != "application/problem+json" || JsonNode.Parse(body)!["status"]?.GetValue<int>() == status ? ContractDocument.OpenApi.Check(described.Schema, body)
            : [$"The problem says another status than {status}."];
    }
}
