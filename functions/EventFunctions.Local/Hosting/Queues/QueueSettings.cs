using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Local.Hosting;

/// <summary>How queues are read, under the names and with the defaults that <c>host.json</c> has for them below <c>extensions.queues</c>.</summary>
internal sealed record QueueSettings
{
    /// <summary>How many messages are claimed at once, 1 to 32.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The next ones are claimed when this many or fewer are worked on; no more than both together ever are.</summary>
    public int NewBatchThreshold { get; init; } = 8;

    /// <summary>How long after a failure a message comes again.</summary>
    public TimeSpan VisibilityTimeout { get; init; }

    /// <summary>How often a message may fail before it goes to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>For how long a claimed message is hidden, which is renewed while its function runs: what a crash costs at most.</summary>
    public TimeSpan ClaimTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the <c>host.json</c> of the deployed app says.</summary>
    public static QueueSettings OfHost()
    {
        using var file = typeof(QueueSettings).Assembly.GetManifestResourceStream("host.json")!;
        using var host = JsonDocument.Parse(file);
        var queues = host.RootElement.GetProperty("extensions").GetProperty("queues");
        return new QueueSettings
        {
            BatchSize = queues.GetProperty("batchSize").GetInt32(),
            NewBatchThreshold = queues.GetProperty("newBatchThreshold").GetInt32(),
            VisibilityTimeout = TimeSpan.Parse(queues.GetProperty("visibilityTimeout").GetString()!, CultureInfo.InvariantCulture),
            MaxDequeueCount = queues.GetProperty("maxDequeueCount").GetInt32(),
        };
    }
}
