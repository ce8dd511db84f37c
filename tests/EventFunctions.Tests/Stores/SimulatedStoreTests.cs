using EventFunctions.Simulation.Stores;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

public sealed class SimulatedEventStoreTests : EventStoreConformance
{
    private readonly MemoryEventStore _memory;

    public SimulatedEventStoreTests() => _memory = new MemoryEventStore(Time);

    protected override Task<IEventStore> OpenAsync() => Task.FromResult<IEventStore>(_memory);

    protected override Task CloseAsync(IEventStore store) => Task.CompletedTask;
}

public sealed class SimulatedDocumentStoreTests : DocumentStoreConformance
{
    private readonly MemoryDocumentStore _memory;

    public SimulatedDocumentStoreTests() => _memory = new MemoryDocumentStore(Time);

    protected override Task<IDocumentStore> OpenAsync() => Task.FromResult<IDocumentStore>(_memory);

    protected override Task CloseAsync(IDocumentStore store) => Task.CompletedTask;
}

public sealed class EventStoreOverNetworkTests : EventStoreConformance
{
    private readonly CalmNetwork _calm = new();
    private readonly MemoryEventStore _memory;

    public EventStoreOverNetworkTests() => _memory = new MemoryEventStore(Time);

    protected override Task<IEventStore> OpenAsync() => Task.FromResult(_calm.Over<IEventStore>(new SimulatedEventStore(_memory, _calm.Network, _calm.Faults, _calm.Caller)));

    protected override Task CloseAsync(IEventStore store) => Task.CompletedTask;
}

public sealed class DocumentStoreOverNetworkTests : DocumentStoreConformance
{
    private readonly CalmNetwork _calm = new();
    private readonly MemoryDocumentStore _memory;

    public DocumentStoreOverNetworkTests() => _memory = new MemoryDocumentStore(Time);

    protected override Task<IDocumentStore> OpenAsync() => Task.FromResult(_calm.Over<IDocumentStore>(new SimulatedDocumentStore(_memory, _calm.Network, _calm.Faults, _calm.Caller)));

    protected override Task CloseAsync(IDocumentStore store) => Task.CompletedTask;
}
