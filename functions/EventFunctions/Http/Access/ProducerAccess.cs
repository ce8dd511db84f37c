using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace EventFunctions.Http;

/// <summary>
/// Identifies the producer of a request by the key in <c>x-producer-key</c>. A request with such a key reaches only its producer's events;
/// it still needs a function key.
/// </summary>
/// <param name="producers">Knows the keys.</param>
/// <param name="options">Whether reading needs a key.</param>
/// <param name="administrators">They read everything.</param>
/// <param name="metrics">Counts refusals.</param>
/// <param name="refusals">Counts wrong keys.</param>
public sealed class ProducerAccess(
    IProducerRegistry producers, IOptions<ApiOptions> options, AdministratorAccess administrators, EventMetrics metrics, KeyRefusals refusals)
{
    private const string KeyHeader = "x-producer-key";

    /// <summary>What a <c>401</c> says of itself (RFC 9110 §11.6.1).</summary>
    internal static KeyValuePair<string, string>[] Challenge { get; } = [new("WWW-Authenticate", $"ApiKey in=\"header\", name=\"{KeyHeader}\"")];

    /// <summary>Runs a call that sends. Whether a source needs a key is decided with its events.</summary>
    /// <param name="request">The request.</param>
    /// <param name="run">The call, which is told whose key came; null if none came.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<IResult> SendAsync(HttpRequest request, Func<Producer?, Task<IResult>> run, CancellationToken cancellationToken) =>
        RunAsync(request, run, () => metrics.Refused(RefusalReasonName.KeyInvalid), cancellationToken);

    /// <summary>Runs a call that reads.</summary>
    /// <param name="request">The request.</param>
    /// <param name="run">The call, which is told whose events it may show; null for those of every producer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<IResult> ReadAsync(HttpRequest request, Func<Producer?, Task<IResult>> run, CancellationToken cancellationToken) =>
        options.Value.ReadWithProducerKeyOnly && !HasKey(request) && administrators.WhoIs(request) is null
            ? Task.FromResult<IResult>(Refusal(request, $"Reading needs a producer key. Send it in {KeyHeader}, or call as an administrator."))
            : RunAsync(request, run, () => { }, cancellationToken);

    /// <summary>The events among those asked for that a producer may read.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="reader">The producer; null reads the events of every producer.</param>
    internal static EventFilter Limit(EventFilter query, Producer? reader) =>
        reader is null ? query
        : (query.Source is null || reader.Owns(query.Source)) && (query.Producer is null || query.Producer == reader.Name)
            ? query with { Source = query.Source ?? reader.OnlySource, Producer = reader.Name }
        : query with { Producer = reader.Name, Status = EventStatus.None };

    /// <summary>Returns whether a reader may see events of a source: those among them that were recorded for it.</summary>
    /// <param name="reader">The producer; null reads everything.</param>
    /// <param name="source">The source; null for all that the reader has.</param>
    internal static bool MayRead(Producer? reader, string? source) => reader is null || source is null || reader.Owns(source);

    private static bool HasKey(HttpRequest request) => request.Headers.ContainsKey(KeyHeader);

    private Task<IResult> RunAsync(HttpRequest request, Func<Producer?, Task<IResult>> run, Action refused, CancellationToken cancellationToken) =>
        StoreProblem.OrUnavailableAsync(async () =>
        {
            if (!HasKey(request))
            {
                return await run(null);
            }

            if (await producers.FindByKeyAsync(request.Headers[KeyHeader].ToString(), cancellationToken) is { } producer)
            {
                return await run(producer);
            }

            refused();
            return Refusal(request, $"The key in {KeyHeader} is not valid: it is unknown, revoked or expired. Ask an administrator for a new key.");
        });

    private Problem Refusal(HttpRequest request, string detail) => refusals.Answer(
        request, "producer key", HasKey(request), new Problem(StatusCodes.Status401Unauthorized, detail) { Headers = Challenge });
}
