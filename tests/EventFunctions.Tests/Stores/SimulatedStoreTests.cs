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
