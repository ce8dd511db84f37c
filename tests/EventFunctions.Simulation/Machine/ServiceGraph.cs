using System.Diagnostics.Metrics;
using System.Reflection;
using EventFunctions.Composition;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Simulation.Machine;

/// <summary>
/// The service's real composition, read once per process, and the services of one simulated instance, made of it. The container of .NET
/// would cost more than the simulated day.
/// </summary>
internal sealed class ServiceGraph
{
    private readonly Dictionary<Type, List<ServiceDescriptor>> _descriptors;
    private readonly Dictionary<Type, object> _shared = [];
    private readonly Dictionary<Type, ConstructorInvoker> _invokers = [];
    private readonly Dictionary<Type, ParameterInfo[]> _parameters = [];

    public ServiceGraph(IReadOnlyDictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddStages(configuration);
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IMeterFactory>(new Meters());
        _descriptors = services.GroupBy(descriptor => descriptor.ServiceType).ToDictionary(group => group.Key, group => group.ToList());
        var first = new Services(this, []);
        foreach (var options in services.Select(descriptor => descriptor.ServiceType).Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IValidateOptions<>)).Distinct())
        {
            var type = typeof(IOptions<>).MakeGenericType(options.GetGenericArguments());
            _shared[type] = first.GetService(type)!;
            _ = type.GetProperty(nameof(IOptions<object>.Value))!.GetValue(_shared[type]);
        }

        _shared[typeof(EventMetrics)] = first.GetService(typeof(EventMetrics))!;
    }

    /// <summary>The services of the next version; null if there is none.</summary>
    public ServiceGraph? Newer { get; init; }

    /// <summary>Makes the services of one instance.</summary>
    public IServiceProvider Create(IEnumerable<KeyValuePair<Type, object>> ports) => new Services(this, new Dictionary<Type, object>(ports));

    /// <summary>Returns the services that an instance has made so far.</summary>
    public static IEnumerable<object> MadeBy(IServiceProvider services) => ((Services)services).Made;

    private object LoggerOf(Type type, Type[] argument)
    {
        if (!_shared.TryGetValue(type, out var logger))
        {
            _shared[type] = logger = typeof(NullLogger<>).MakeGenericType(argument).GetField(nameof(NullLogger<object>.Instance))!.GetValue(null)!;
        }

        return logger;
    }

    private ConstructorInvoker InvokerOf(Type type, out ParameterInfo[] parameters)
    {
        if (!_invokers.TryGetValue(type, out var invoker))
        {
            var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).MaxBy(one => one.GetParameters().Length)!;
            _invokers[type] = invoker = ConstructorInvoker.Create(constructor);
            _parameters[type] = constructor.GetParameters();
        }

        parameters = _parameters[type];
        return invoker;
    }

    private sealed class Services(ServiceGraph graph, Dictionary<Type, object> made) : IServiceProvider
    {
        public IEnumerable<object> Made => made.Values;

        public object? GetService(Type serviceType)
        {
            if (made.TryGetValue(serviceType, out var service) || graph._shared.TryGetValue(serviceType, out service))
            {
                return service;
            }

            service = Make(serviceType);
            if (service is not null)
            {
                made[serviceType] = service;
            }

            return service;
        }

        private object? Make(Type type)
        {
            if (type == typeof(IServiceProvider))
            {
                return this;
            }

            if (graph._descriptors.TryGetValue(type, out var descriptors))
            {
                return Make(descriptors[^1], type);
            }

            if (!type.IsGenericType)
            {
                return null;
            }

            var (open, argument) = (type.GetGenericTypeDefinition(), type.GetGenericArguments());
            if (open == typeof(IEnumerable<>))
            {
                var all = graph._descriptors.GetValueOrDefault(argument[0]) ?? [];
                var array = Array.CreateInstance(argument[0], all.Count);
                for (var i = 0; i < all.Count; i++)
                {
                    array.SetValue(Make(all[i], argument[0]), i);
                }

                return array;
            }

            return open == typeof(ILogger<>) ? graph.LoggerOf(type, argument)
                : graph._descriptors.TryGetValue(open, out var generic) ? Construct(generic[^1].ImplementationType!.MakeGenericType(argument))
                : null;
        }

        private object Make(ServiceDescriptor descriptor, Type type) =>
            descriptor.ImplementationInstance
            ?? descriptor.ImplementationFactory?.Invoke(this)
            ?? Construct(descriptor.ImplementationType ?? type);

        private object Construct(Type type)
        {
            var invoker = graph.InvokerOf(type, out var parameters);
            var arguments = new object?[parameters.Length];
            for (var i = 0; i < parameters.Length; i++)
            {
                arguments[i] = GetService(parameters[i].ParameterType)
                    ?? (parameters[i].HasDefaultValue ? null : throw new InvalidOperationException($"{type} needs {parameters[i].ParameterType}, which is not registered."));
            }

            return invoker.Invoke(arguments.AsSpan());
        }
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
