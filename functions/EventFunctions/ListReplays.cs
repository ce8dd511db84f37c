using EventFunctions.Administration.Jobs;
using EventFunctions.Http;
using EventFunctions.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists jobs, newest first.</summary>
public sealed class ListReplays(AdministratorAccess access, EventJobs jobs)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/replays?limit=20
    [Function(nameof(ListReplays))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => PageParameters.TryRead(request.Query, out var page, out var problem)
            ? await PageAsync(page, cancellationToken)
            : problem);

    private async Task<IResult> PageAsync(PageParameters page, CancellationToken cancellationToken)
    {
        try
        {
            var (items, continuation) = await jobs.ListAsync(page.Limit, page.Continuation, cancellationToken);
            return new JsonAnswer(StatusCodes.Status200OK, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("items"u8);
                foreach (var job in items)
                {
                    JobAnswer.Write(writer, job);
                }

                writer.WriteEndArray();
                if (continuation is not null)
                {
                    writer.WriteString("continuation"u8, continuation);
                }

                writer.WriteEndObject();
            });
        }
        catch (InvalidContinuationException)
        {
            return PageParameters.InvalidContinuation();
        }
    }
}
