using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Storage;

/// <summary>One kind of store. Its project provides it, and the hosts list it.</summary>
/// <param name="Name">The value of the setting <c>Store</c> that selects it.</param>
/// <param name="IsShared">Whether several instances of the service can use one store of this kind.</param>
/// <param name="Add">
/// Registers <see cref="IEventStore"/> and <see cref="IDocumentStore"/>. Throws an
/// <see cref="Microsoft.Extensions.Options.OptionsValidationException"/> if its settings are wrong.
/// </param>
public sealed record StoreRegistration(string Name, bool IsShared, Func<IServiceCollection, IConfiguration, IServiceCollection> Add);
