using System.Runtime.Loader;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

/// <summary>
/// The function classes compile against the worker's packages and, here, against types of this host's own: what they can
/// use of these must be there too.
/// </summary>
public sealed class WorkerTypesTests
{
    private const string RealAssemblies = "WORKER_ASSEMBLIES";

    public static TheoryData<Type> LocalTypes =>
        [.. typeof(LocalHost).Assembly.GetExportedTypes().Where(type => type.Namespace == WorkerTypes.Namespace)];

    [Theory]
    [MemberData(nameof(LocalTypes))]
    public void A_local_type_has_nothing_that_the_real_one_lacks(Type type)
    {
        var real = WorkerTypes.Known.GetValueOrDefault(type.Name) ?? [];

        Assert.Empty(WorkerTypes.Describe(type).Except(real));
    }

    [Fact]
    public void The_local_types_are_found_under_the_real_namespace() =>
        Assert.Superset(
            new HashSet<string> { "AuthorizationLevel", "EventGridTriggerAttribute", "FunctionAttribute", "HttpTriggerAttribute", "TimerInfo", "TimerTriggerAttribute" },
            LocalTypes.Select(row => row.Data.Name).ToHashSet());

    [Fact]
    public void The_real_types_are_as_the_table_says()
    {
        var folder = Environment.GetEnvironmentVariable(RealAssemblies);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{RealAssemblies} names no folder with the assemblies of the worker and its extensions.");

        var worker = new AssemblyLoadContext(RealAssemblies, isCollectible: true);
        worker.Resolving += (context, assembly) =>
            Path.GetFullPath(Path.Combine(folder!, assembly.Name + ".dll")) is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        try
        {
            var real = Directory.EnumerateFiles(folder!, WorkerTypes.Namespace + "*.dll")
                .SelectMany(file => worker.LoadFromAssemblyPath(Path.GetFullPath(file)).GetExportedTypes())
                .Where(type => type.Namespace == WorkerTypes.Namespace)
                .ToLookup(type => type.Name, WorkerTypes.Describe);

            Assert.All(WorkerTypes.Known, known => Assert.Empty(known.Value.Except(Assert.Single(real[known.Key]))));
        }
        finally
        {
            worker.Unload();
        }
    }
}
