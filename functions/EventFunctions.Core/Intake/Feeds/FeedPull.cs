using EventFunctions.Intake.Quotas;
using EventFunctions.Producers;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake.Feeds;

/// <summary>
/// Reads the feeds of producers that are due. A feed has one reader at a time, also across instances; a failing feed does not delay others.
/// </summary>
internal sealed class FeedPull(
    IProducerRegistry producers,
    IDocumentStore store,
    IFeedClient client,
    FeedIntake intake,
    ProducerQuotas quotas,
    TimeProvider time,
    IOptions<FeedsOptions> options,
    ILogger<FeedPull> logger)
{
    private readonly string _holder = RandomProvider.Current.NewId();

    /// <summary>Reads due feeds.</summary>
    /// <param name="budget">After which time no new page is read.</param>
    /// <param name="cancellationToken">Ends the tick.</param>
    public async Task RunAsync(TimeSpan budget, CancellationToken cancellationToken)
    {
        var turns = new Gate(options.Value.MaxConcurrentPages);
        var tick = new FeedTick(producers, store, client, intake, quotas, options.Value, time, turns, _holder, time.GetUtcNow() + budget);
        var all = await producers.ListAsync(cancellationToken);
        await Task.WhenAll(all.Where(producer => producer is { Feed: not null, Data: not null }).Select(producer => ReadAsync(tick, producer, cancellationToken)));
    }

    private async Task ReadAsync(FeedTick tick, Producer producer, CancellationToken cancellationToken)
    {
        try
        {
            await new FeedReading(tick, producer).RunAsync(cancellationToken);
        }
        catch (FeedLeaseLostException e)
        {
            logger.LogInformation("{Message} Continuing from the cursor.", e.Message);
        }
        catch (FeedChangedException e)
        {
            logger.LogInformation("{Message}", e.Message);
        }
        catch (FeedPageException e)
        {
            logger.LogWarning(e, "The feed of the producer {Producer} failed and will be read again from its cursor: {Message}", producer.Name, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "Could not read the feed of the producer {Producer}. It will be read again from its cursor.", producer.Name);
        }
    }
}
