using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.SampleProducer;

/// <summary>
/// A sample producer of insurance policies: serves full data with ETags, and can be set to be slow, to fail, to send too much, or to
/// redirect. It accepts only calls from its own machine.
/// </summary>
/// <param name="behaviour">How it misbehaves.</param>
/// <param name="log">Who fetched what.</param>
/// <param name="time">The clock of its delays.</param>
internal sealed class SampleProducerEndpoints(ProducerBehaviour behaviour, FetchLog log, TimeProvider time)
{
    private const int TypicalBytes = 1_500;

    /// <summary>Answers <c>GET /producer/policies/{subject}?event={id}</c> with the policy as JSON.</summary>
    /// <param name="context">The request.</param>
    public async Task GetPolicyAsync(HttpContext context)
    {
        var subject = (string)context.Request.RouteValues["subject"]!;
        if (!PolicyDocument.TryParseSubject(subject, out var number))
        {
            await TypedResults.Problem("A subject must have the form policy-<number>.", statusCode: StatusCodes.Status404NotFound).ExecuteAsync(context);
            return;
        }

        log.Record(subject, context.Request.Query["event"]);
        var (rule, fails) = behaviour.Next(subject, number);
        if (rule is { DelayMs: > 0 })
        {
            await DelayAsync(rule.DelayMs, context.RequestAborted);
        }

        await (rule switch
        {
            not null when fails => FailAsync(context, rule),
            { Redirect: { } target } => RedirectAsync(context, target),
            { Bytes: > 0 } => SendTooMuchAsync(context, rule.Bytes),
            _ => SendAsync(context, number, rule?.Revision ?? 0),
        });
    }

    /// <summary>Answers <c>GET /producer/behaviour</c> with the rules in force.</summary>
    /// <param name="context">The request.</param>
    public Task GetBehaviourAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(behaviour.Rules, ProducerRule.Json, context.RequestAborted);

    /// <summary>Answers <c>PUT /producer/behaviour</c>: one rule or an array of rules takes the place of all that were there.</summary>
    /// <param name="context">The request.</param>
    public async Task PutBehaviourAsync(HttpContext context)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var rules = body.RootElement.ValueKind == JsonValueKind.Array
                ? body.RootElement.Deserialize<ProducerRule[]>(ProducerRule.Json)!
                : [body.RootElement.Deserialize<ProducerRule>(ProducerRule.Json)!];
            if (rules.SelectMany(r => r?.Faults() ?? ["A rule must be a JSON object."]).ToArray() is { Length: > 0 } faults)
            {
                await TypedResults.Problem(string.Join(' ', faults), statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
                return;
            }

            behaviour.Replace(rules);
            await GetBehaviourAsync(context);
        }
        catch (JsonException e)
        {
            await TypedResults.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
        }
    }

    /// <summary>Answers <c>GET /producer/fetches</c> with the count of all fetches and of each subject's, or of the one in <c>?subject=</c>.</summary>
    /// <param name="context">The request.</param>
    public Task GetFetchesAsync(HttpContext context)
    {
        var subjects = context.Request.Query["subject"].ToString() is { Length: > 0 } subject
            ? new Dictionary<string, int> { [subject] = log.Subjects.GetValueOrDefault(subject) }
            : log.Subjects;
        return context.Response.WriteAsJsonAsync(new { log.Total, Subjects = subjects }, JsonSerializerOptions.Web, context.RequestAborted);
    }

    /// <summary>Whether a request comes from this machine.</summary>
    /// <param name="context">The request.</param>
    public static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && (IPAddress.IsLoopback(remote) || remote.Equals(context.Connection.LocalIpAddress));

    private async Task DelayAsync(int milliseconds, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller did not wait.
        }
    }

    private static Task FailAsync(HttpContext context, ProducerRule rule)
    {
        if (rule.RetryAfter > 0)
        {
            context.Response.Headers.RetryAfter = rule.RetryAfter.ToString(CultureInfo.InvariantCulture);
        }

        context.Response.StatusCode = rule.Status == 0 ? StatusCodes.Status503ServiceUnavailable : rule.Status;
        return Task.CompletedTask;
    }

    private static Task RedirectAsync(HttpContext context, string target)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = target;
        return Task.CompletedTask;
    }

    // A JSON string of that many bytes, without saying beforehand how many: the reader has to notice.
    private static async Task SendTooMuchAsync(HttpContext context, int bytes)
    {
        context.Response.ContentType = "application/json";
        var output = context.Response.BodyWriter;
        output.Write("\""u8);
        for (var left = bytes - 2; left > 0;)
        {
            var memory = output.GetMemory();
            var length = Math.Min(left, memory.Length);
            memory.Span[..length].Fill((byte)'x');
            output.Advance(length);
            left -= length;
            if ((await output.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return;
            }
        }

        output.Write("\""u8);
    }

    private static Task SendAsync(HttpContext context, long number, int revision)
    {
        var etag = PolicyDocument.ETag(number, revision);
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } known && known.Any(k => k == "*" || k!.Contains(etag, StringComparison.Ordinal)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var body = new ArrayBufferWriter<byte>(TypicalBytes);
        PolicyDocument.Write(number, body, revision);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        return context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).AsTask();
    }
}
