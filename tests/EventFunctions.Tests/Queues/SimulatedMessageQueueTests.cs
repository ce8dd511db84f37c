using EventFunctions.Simulation.Stores;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Queues;

public sealed class SimulatedMessageQueueTests : MessageQueueConformance
{
    protected override Task<(IMessageQueue Queue, IMessageReceiver Receiver)> OpenAsync()
    {
        var queue = new MemoryMessageQueue(TimeProvider.System);
        return Task.FromResult<(IMessageQueue, IMessageReceiver)>((queue, queue));
    }
}
