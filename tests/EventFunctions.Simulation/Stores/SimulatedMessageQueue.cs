using EventFunctions.Simulation.World;
using EventFunctions.Storage;
using EventFunctions.Storage.Queues;

namespace EventFunctions.Simulation.Stores;

/// <summary>The queue as one instance reaches it.</summary>
internal sealed class SimulatedMessageQueue(MemoryMessageQueue queue, Network network, Faults faults, Instance caller, Action<TimeSpan> sent) : IMessageQueue
{
    public Task SendAsync(string queueName, string message, TimeSpan delay, CancellationToken cancellationToken)
    {
        QueueRules.Check(queueName, message, delay);
        return network.CallAsync(
            caller,
            "queue",
            "send message",
            message,
            () =>
            {
                if (faults.Strike(FaultKind.QueueLost))
                {
                    return "lost";
                }

                queue.SendAsync(queueName, message, delay, default).GetAwaiter().GetResult();
                sent(delay);
                return "sent";
            },
            static outcome => outcome,
            static text => new StoreUnavailableException(text),
            cancellationToken);
    }

    public Task CheckAsync(string queueName, CancellationToken cancellationToken) =>
        network.CallAsync(caller, "queue", "check", "", static () => true, static _ => "", static text => new StoreUnavailableException(text), cancellationToken);
}
