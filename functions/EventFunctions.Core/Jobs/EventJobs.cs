using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Jobs;

/// <summary>Jobs as their administrators see them: asked for, read, cancelled.</summary>
public sealed class EventJobs(IDocumentStore documents, IEventStore store, TimeProvider time, IOptions<JobOptions> options)
{
    /// <summary>The most events that a dry run counts.</summary>
    public const int MaxCount = 10_000;

    internal const string Partition = "replay";

    // How long what happened can be looked up.
    private static readonly TimeSpan TimeToLiveOfFinished = TimeSpan.FromDays(90);
    private static readonly TimeSpan CountBudget = TimeSpan.FromSeconds(5);

    private static readonly EventJobContext Context = new(new JsonSerializerOptions(DocumentJson.Options)
    {
        TypeInfoResolver = null,
        Converters =
        {
            new JsonStringEnumConverter<JobAction>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<JobState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    });

    // Jobs are counted before one is added; those that other instances add meanwhile are not seen.
    private readonly Gate _creating = new(1);

    /// <summary>Writes a job down; a tick of the runner takes it up.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="filter">To which events; those recorded from now on are none of them.</param>
    /// <param name="rate">The most events per second.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="webhook">The webhook to deliver to; null for other actions.</param>
    /// <exception cref="StoreUnavailableException">It could not be written down.</exception>
    /// <exception cref="TooManyJobsException">As many jobs are active as may be.</exception>
    public async Task<EventJob> CreateAsync(
        JobAction action, EventFilter filter, int rate, string by, CancellationToken cancellationToken, string? webhook = null)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var now = time.GetUtcNow();
        var job = new EventJob
        {
            Id = RandomProvider.Current.NewId(now),
            Action = action,
            Filter = filter with { To = filter.To < now ? filter.To : now },
            Webhook = webhook,
            Rate = rate,
            CreatedAt = now,
            StartedBy = by,
            DueAt = now,
        };
        await _creating.EnterAsync(cancellationToken);
        try
        {
            if (await AreTooManyAsync(cancellationToken))
            {
                throw new TooManyJobsException(options.Value.MaxActive);
            }

            await documents.CreateAsync(DocumentContainer.State, ToDocument(job), cancellationToken);
            return job;
        }
        finally
        {
            _creating.Leave();
        }
    }

    /// <summary>Counts the events that a job would meet.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many, and whether there may be more: counting ends after <see cref="MaxCount"/> events or 5 s.</returns>
    public async Task<(long Count, bool IsAtLeast)> CountAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var end = time.GetUtcNow() + CountBudget;
        var count = 0L;
        string? continuation = null;
        do
        {
            var page = await store.ListAsync(filter.Page(1_000, continuation, withData: false), cancellationToken);
            count += page.Items.Count;
            continuation = page.Continuation;
        }
        while (continuation is not null && count < MaxCount && time.GetUtcNow() < end);

        return (count, continuation is not null);
    }

    /// <summary>Returns a job; null if it does not exist.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EventJob?> ReadAsync(string id, CancellationToken cancellationToken) =>
        IsId(id) && await documents.ReadAsync(DocumentContainer.State, Partition, id, cancellationToken) is { } found ? FromDocument(found) : null;

    /// <summary>Jobs, newest first.</summary>
    /// <param name="limit">The most of them.</param>
    /// <param name="continuation">The store's continuation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one that the store gave.</exception>
    public async Task<(IReadOnlyList<EventJob> Items, string? Continuation)> ListAsync(int limit, string? continuation, CancellationToken cancellationToken)
    {
        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.State) { Partition = Partition, Descending = true, Limit = limit, Continuation = continuation }, cancellationToken);
        return ([.. page.Items.Select(FromDocument)], page.Continuation);
    }

    /// <summary>Cancels a job. It first ends the page that it has begun, of at most 100 events.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The job as it stands now; null where there is none.</returns>
    public async Task<EventJob?> CancelAsync(string id, CancellationToken cancellationToken) =>
        !IsId(id) ? null : await documents.ChangeAsync<EventJob?>(DocumentContainer.State, Partition, id, time, found =>
        {
            var job = found is null ? null : FromDocument(found);
            if (job is null or { IsOver: true } or { State: JobState.Cancelling })
            {
                return new(job);
            }

            // Whoever works on it finds the document changed, and leaves it; anybody may settle it.
            job = job with { State = JobState.Cancelling, DueAt = time.GetUtcNow() };
            return new(job, ToDocument(job));
        }, cancellationToken);

    internal async Task<IReadOnlyList<(EventJob Job, string ETag)>> ReadDueAsync(int limit, CancellationToken cancellationToken)
    {
        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.State)
            {
                Partition = Partition,
                OrderBy = "dueAt",
                To = UtcMilliseconds.Text(time.GetUtcNow().AddMilliseconds(1)),
                Limit = limit,
            },
            cancellationToken);
        return [.. page.Items.Select(found => (FromDocument(found), found.ETag))];
    }

    internal Task<string?> SaveAsync(EventJob job, string etag, CancellationToken cancellationToken) =>
        documents.ReplaceAsync(DocumentContainer.State, ToDocument(job), etag, cancellationToken);

    // Only an active job has a dueAt, and for some minutes an erasure that has ended.
    private async Task<bool> AreTooManyAsync(CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.State) { Partition = Partition, OrderBy = "dueAt", Limit = 2 * options.Value.MaxActive };
        var active = 0;
        await foreach (var found in documents.QueryAllAsync(query, cancellationToken))
        {
            active += FromDocument(found).IsOver ? 0 : 1;
        }

        return active >= options.Value.MaxActive;
    }

    private static bool IsId(string id) => Guid.TryParseExact(id, "N", out _);

    private static Document ToDocument(EventJob job) =>
        new(Partition, job.Id, JsonSerializer.SerializeToUtf8Bytes(job, Context.EventJob)) { TimeToLive = job.IsOver ? TimeToLiveOfFinished : null };

    internal static EventJob FromDocument(StoredDocument document) => Read(document.Id, document.Body.Span);

    internal static EventJob Read(string id, ReadOnlySpan<byte> body) => JsonSerializer.Deserialize(body, Context.EventJob)! with { Id = id };
}
