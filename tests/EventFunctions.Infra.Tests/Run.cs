using System.Collections.Concurrent;
using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.Testing;

namespace EventFunctions.Infra.Tests;

/// <summary>One run of the program under Pulumi's mocks.</summary>
internal sealed class Run
{
    private readonly ConcurrentDictionary<string, ResourceTransformationArgs> _asked = new();
    private readonly MockedAzure _azure;
    private IDictionary<string, object?> _outputs = new Dictionary<string, object?>();

    private Run(MockedAzure azure) => _azure = azure;

    /// <summary>All resources of providers; components, which are none of Azure's, left out.</summary>
    public IReadOnlyList<Made> Resources =>
        [.. _azure.Made.Where(m => !m.Type.StartsWith("eventfunctions:", StringComparison.Ordinal) && m.Type != "pulumi:pulumi:Stack")];

    /// <summary>The components.</summary>
    public IEnumerable<string> Components =>
        _azure.Made.Where(m => m.Type.StartsWith("eventfunctions:", StringComparison.Ordinal)).Select(m => m.Type);

    public static Task<Run> WithAsync(params (string Key, string Value)[] config) => WithAsync(new MockedAzure(), config);

    public static async Task<Run> WithAsync(MockedAzure azure, params (string Key, string Value)[] config)
    {
        var settings = Settings(config);
        var run = new Run(azure);
        await Deployment.TestWithServiceProviderAsync<DescribedStack>(
            azure,
            new Factory(() => run.Create(settings)),
            new TestOptions { ProjectName = "eventfunctions", StackName = "test", IsPreview = false });
        return run;
    }

    /// <summary>A configuration with a region and what else is given.</summary>
    public static StackSettings Settings(params (string Key, string Value)[] config)
    {
        var values = config.Prepend((Key: StackSettings.Location, Value: "westeurope")).ToLookup(c => c.Key, c => c.Value);
        return StackSettings.Read(key => values[key].LastOrDefault(), config.Select(c => c.Key));
    }

    public Made this[string name] => Assert.Single(Resources, m => m.Name == name);

    public IEnumerable<Made> OfType(string type) => Resources.Where(m => m.Type == "azure-native:" + type);

    public bool IsProtected(string name) => _asked[name].Options.Protect == true;

    public CustomResourceOptions Options(string name) => Assert.IsType<CustomResourceOptions>(_asked[name].Options, exactMatch: false);

    /// <summary>What a resource was told to wait for.</summary>
    public async Task<IReadOnlyList<string>> WaitsForAsync(string name)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<string>>();
        _asked[name].Options.DependsOn.ToOutput().Apply(all =>
        {
            answer.SetResult([.. all.Select(r => r.GetResourceName())]);
            return 0;
        });
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>What a resource was made of, before it was sent.</summary>
    public T Args<T>(string name)
        where T : ResourceArgs => Assert.IsType<T>(_asked[name].Args);

    /// <summary>A stack output.</summary>
    public async Task<string> OutputAsync(string name)
    {
        var answer = new TaskCompletionSource<string>();
        Assert.IsType<Output<string>>(_outputs[name]).Apply(value =>
        {
            answer.SetResult(value);
            return value;
        });
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public IEnumerable<string> OutputNames => _outputs.Keys;

    private DescribedStack Create(StackSettings settings)
    {
        var stack = new DescribedStack(settings, new CodePackage("bin/package.zip", "hash-of-the-code"), _asked);
        _outputs = stack.Result;
        return stack;
    }

    private sealed class Factory(Func<DescribedStack> create) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(DescribedStack) ? create() : null;
    }
}
