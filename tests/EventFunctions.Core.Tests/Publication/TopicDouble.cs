using System.Text;
using EventFunctions.Publication;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

/// <summary>A substitute for the topic that remembers each request, and answers as a test tells it to.</summary>
internal sealed class TopicDouble
{
    private readonly Lock _lock = new();
    private readonly List<string[]> _requests = [];

    public TopicDouble()
    {
        Port.Topic.Returns("events");
        Port.PublishAsync(default!, default).ReturnsForAnyArgs(async call =>
        {
            string[] events = [.. call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>().Select(e => Encoding.UTF8.GetString(e.Span))];
            lock (_lock)
            {
                _requests.Add(events);
            }

            await Task.Yield();
            await Answer(events, call.Arg<CancellationToken>());
            lock (_lock)
            {
                Taken.AddRange(events);
            }
        });
    }

    public IEventPublisher Port { get; } = Substitute.For<IEventPublisher>();

    /// <summary>How the topic answers a request; by default it takes everything.</summary>
    public Func<string[], CancellationToken, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The events of each request, in the order the requests came.</summary>
    public IReadOnlyList<string[]> Requests { get { lock (_lock) { return [.. _requests]; } } }

    /// <summary>Every event that was taken, as often as it was.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>Answers as the service does to a request that holds something it will never take.</summary>
    public static Func<string[], CancellationToken, Task> Rejecting(params string[] culprits) => (events, _) =>
        events.Any(e => culprits.Any(c => e.Contains(c, StringComparison.Ordinal)))
            ? Task.FromException(new PublishException(PublishFailure.Rejected, "The topic answered 400."))
            : Task.CompletedTask;

    public static Func<string[], CancellationToken, Task> Failing(PublishFailure failure) =>
        (_, _) => Task.FromException(new PublishException(failure, "Not now."));
}
