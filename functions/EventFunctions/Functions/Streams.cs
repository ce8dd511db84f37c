using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventFunctions.Functions;

/// <summary>Streams changes of records as server-sent events.</summary>
public sealed class Streams(
    ProducerAccess access, EventStreams streams, ChangeCursor cursors, TimeProvider time, IOptions<StreamOptions> options, IHostApplicationLifetime host,
    AllowedOrigins origins)
{
    private const string LastEventId = "Last-Event-ID";

    /// <summary>Answers with a stream that begins now, or behind what the reader has seen.</summary>
    // GET http://localhost:7071/api/stream?status=completed,failed
    [Function(nameof(StreamEvents))]
    public Task<IResult> StreamEvents(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "stream")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        origins.Allow(request);
        return access.ReadAsync(request, reader => OpenAsync(request, reader, cancellationToken), cancellationToken);
    }

    private async Task<IResult> OpenAsync(HttpRequest request, Producer? reader, CancellationToken cancellationToken)
    {
        var query = new QueryParameters(request.Query, [.. EventFilterParameters.OfRecords, "data"]);
        var filter = ProducerAccess.Limit(EventFilterParameters.Read(query), reader);
        var withData = query.Flag("data") ?? true;
        if (query.Problem is { } problem)
        {
            return problem;
        }

        var given = request.Headers[LastEventId].ToString();
        var cursor = given.Length == 0 ? null : cursors.Unprotect(given);
        if (given.Length > 0 && cursor is null)
        {
            return Unknown();
        }

        try
        {
            return await streams.OpenAsync(cursor, cancellationToken) is { } stream
                ? new EventStreamResponse(stream, filter, withData, cursors, options.Value, time, host.ApplicationStopping)
                : EventStreamResponse.TooMany(options.Value);
        }
        catch (InvalidContinuationException)
        {
            return Unknown();
        }
    }

    private static Problem Unknown() => new(StatusCodes.Status400BadRequest, $"{LastEventId} is not an ID of this service's streams or feeds. Leave it out to begin with new events.")
    {
        Parameters = [new(LastEventId, "This service did not issue the ID.")],
    };
}
