using System.Globalization;
using System.Text.Json;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Tells functions what changed in the event store: each from where it stopped, one batch after the other. The cursor is kept
/// after its batch, so that a crash repeats the batch and loses nothing.
/// </summary>
/// <param name="functions">The functions.</param>
/// <param name="events">Whose changes they are told.</param>
/// <param name="documents">Keeps the cursors.</param>
/// <param name="services">Where functions come from.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class ChangeFeedRunner(
    FunctionCatalog functions, IEventStore events, IDocumentStore documents, IServiceScopeFactory services, TimeProvider time, ILogger<ChangeFeedRunner> logger)
    : BackgroundService
{
    /// <summary>The partition of the container for state that has the cursors; their IDs are the functions' names behind their prefixes.</summary>
    public const string CursorPartition = "cursor";

    private const int DefaultBatch = 100;

    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(functions.ChangeFeeds.Select(function => Task.Run(() => RunAsync(function, stoppingToken), stoppingToken)));

    private async Task RunAsync(ChangeFeedFunction function, CancellationToken cancellationToken)
    {
        var limit = function.Feed.MaxItemsPerInvocation is > 0 and var most ? most : DefaultBatch;
        var pause = function.Feed.FeedPollDelay is > 0 and var delay ? TimeSpan.FromMilliseconds(delay) : DefaultPause;
        try
        {
            var cursor = await RetryAsync(function, () => StartAsync(function, limit, cancellationToken), cancellationToken);
            while (true)
            {
                var began = time.GetTimestamp();
                var page = await RetryAsync(function, () => ReadAsync(function, cursor, limit, cancellationToken), cancellationToken);
                if (page.Items.Count > 0)
                {
                    await DeliverAsync(function, page, cancellationToken);
                    await RetryAsync(function, () => KeepAsync(function, page.Cursor, cancellationToken), cancellationToken);
                }

                cursor = page.Cursor;

                // While it has much to catch up with it takes a third of the time at most: on one machine, requests come first,
                // and what changes again meanwhile is read once.
                await Task.Delay(page.Items.Count < limit && !page.IsCut ? pause : 2 * time.GetElapsedTime(began), time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<string?> StartAsync(ChangeFeedFunction function, int limit, CancellationToken cancellationToken)
    {
        if (await documents.ReadAsync(DocumentContainer.State, CursorPartition, CursorId(function), cancellationToken) is { } kept)
        {
            using var body = JsonDocument.Parse(kept.Body);
            return body.RootElement.GetProperty("cursor").GetString();
        }

        if (function.Feed.StartFromBeginning)
        {
            return null;
        }

        var page = await events.ReadChangesAsync(null, limit, cancellationToken);
        while (page.Items.Count > 0)
        {
            page = await events.ReadChangesAsync(page.Cursor, limit, cancellationToken);
        }

        await KeepAsync(function, page.Cursor, cancellationToken);
        return page.Cursor;
    }

    private async Task<ChangePage> ReadAsync(ChangeFeedFunction function, string? cursor, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await events.ReadChangesAsync(cursor, limit, cancellationToken);
        }
        catch (InvalidContinuationException e)
        {
            logger.LogError(e, "The store was replaced: {Function} restarts with the oldest change.", function.Name);
            return await events.ReadChangesAsync(null, limit, cancellationToken);
        }
    }

    private async Task<string?> KeepAsync(ChangeFeedFunction function, string cursor, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["cursor"] = cursor });
        await documents.UpsertAsync(DocumentContainer.State, new Document(CursorPartition, CursorId(function), body), cancellationToken);
        return cursor;
    }

    private async Task DeliverAsync(ChangeFeedFunction function, ChangePage page, CancellationToken cancellationToken)
    {
        JsonElement[] items = [.. page.Items.Select(record => JsonElement.Parse(DocumentJson.Write(record)))];
        for (var failures = 0; ;)
        {
            await using var scope = services.CreateAsyncScope();
            try
            {
                await function.Invoke(function.Instance(scope.ServiceProvider), items, cancellationToken);
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures++;
                if (function.Retry is not { } retry || (retry.MaxRetryCount >= 0 && failures > retry.MaxRetryCount))
                {
                    logger.LogError(e, "{Function} failed and its retries are used up: skipping {Count} changes.", function.Name, items.Length);
                    return;
                }

                logger.LogError(e, "{Function} failed for {Count} changes; retrying in {Delay}.", function.Name, items.Length, retry.DelayInterval);
                await Task.Delay(TimeSpan.Parse(retry.DelayInterval, CultureInfo.InvariantCulture), time, cancellationToken);
            }
        }
    }

    private async Task<T> RetryAsync<T>(ChangeFeedFunction function, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (StoreUnavailableException e)
            {
                logger.LogWarning(e, "{Function} is waiting for the store.", function.Name);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is, the host and its other functions are not to end with it.
                logger.LogError(e, "Could not send changes to {Function}; retrying.", function.Name);
            }

            await Task.Delay(PauseAfterFailure, time, cancellationToken);
        }
    }

    private static string CursorId(ChangeFeedFunction function) => function.Feed.LeaseContainerPrefix + function.Name;
}
