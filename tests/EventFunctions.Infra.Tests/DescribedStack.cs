using System.Collections.Concurrent;
using EventFunctions.Infra.Configuration;
using Pulumi;

namespace EventFunctions.Infra.Tests;

/// <summary>The program as a stack that tells what each resource was made with.</summary>
internal sealed class DescribedStack : Stack
{
    public DescribedStack(StackSettings settings, CodePackage package, ConcurrentDictionary<string, ResourceTransformationArgs> asked)
        : base(new StackOptions { ResourceTransformations = { Note(asked) } })
    {
        Result = Service.Create(settings, package);
    }

    public IDictionary<string, object?> Result { get; }

    private static ResourceTransformation Note(ConcurrentDictionary<string, ResourceTransformationArgs> asked) => args =>
    {
        asked[args.Resource.GetResourceName()] = args;
        return null;
    };
}
