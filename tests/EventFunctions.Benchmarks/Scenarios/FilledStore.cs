using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>An embedded store that is filled with events of the last 30 days: one in a hundred failed, for one of five reasons.</summary>
internal sealed class FilledStore(DataFolder folder) : IAsyncDisposable
{
    public const string Source = "/insurance/policies";
    public const string Watched = "policy.renewed";

    private const int FailedOneIn = 100;

    private static readonly string[] Reasons =
        [FailureReason.DataNotFound, FailureReason.AccessDenied, FailureReason.InvalidContent, FailureReason.SchemaViolation, FailureReason.OutsideBaseUrl];

    private int _size;

    public ServiceProvider Services { get; } = Create(folder);

    public DateTimeOffset Begin { get; } = DateTimeOffset.UtcNow.AddDays(-30);

    /// <summary>Adds records until there are so many.</summary>
    public async Task FillAsync(int size)
    {
        var store = Services.GetRequiredService<IEventStore>();
        foreach (var batch in Enumerable.Range(_size, size - _size).Select(n => Record(n, Begin.AddMilliseconds(n))).Chunk(1_000))
        {
            await store.CreateAsync(batch, default);
        }

        _size = size;
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();

    private static EventRecord Record(int number, DateTimeOffset at)
    {
        var failed = number % FailedOneIn == 0;
        var subject = $"policy-{number % 10_000}";
        return new EventRecord
        {
            Event = new EventNotification
            {
                Id = number.ToString(CultureInfo.InvariantCulture),
                Source = Source,
                Type = number % 3 == 0 ? Watched : "policy.changed",
                Subject = subject,
                Time = UtcMilliseconds.Text(at),
                Data = EventContent.FromJson("""{"premium":123.45,"reason":"renewal"}"""),
            },
            Producer = "policies",
            Entity = new EntityKey(Source, subject),
            Fingerprint = new string('a', 64),
            RecordedAt = at,
            Status = failed ? EventStatus.Failed : EventStatus.Completed,
            Reason = failed ? Reasons[number / FailedOneIn % Reasons.Length] : null,
            Timeline = [new(at, TimelineStep.Recorded), new(at, failed ? TimelineStep.Failed : TimelineStep.Completed)],
        };
    }

    private static ServiceProvider Create(DataFolder folder)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Sqlite",
                ["Sqlite:Path"] = Path.Combine(folder.Path, "events.db"),
                ["EventGrid:Endpoint"] = "http://localhost/api/events",
                ["EventGrid:Key"] = "nothing-is-published",
                ["Producers:policies:name"] = "policies",
                ["Producers:policies:source"] = Source,
                [$"Producers:policies:types:{Watched}:expectEvery"] = "31.00:00:00",
            })
            .Build();
        return new ServiceCollection().AddLogging().AddEventFunctions(settings).BuildServiceProvider();
    }
}
