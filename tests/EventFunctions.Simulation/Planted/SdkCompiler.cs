using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace EventFunctions.Simulation.Planted;

/// <summary>Finds the SDK's own compiler and source generators, so that no package is needed for them.</summary>
internal static class SdkCompiler
{
    private static string Root => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static string Sdk => Newest(Path.Combine(Root, "sdk"), Path.Combine("Roslyn", "bincore"));

    /// <summary>The source generators of .NET.</summary>
    public static IEnumerable<string> Generators =>
        Directory.EnumerateFiles(Newest(Path.Combine(Root, "packs", "Microsoft.NETCore.App.Ref"), Path.Combine("analyzers", "dotnet", "cs")), "System.*.dll");

    /// <summary>Loads the compiler when it is first used.</summary>
    public static void Use()
    {
        var folder = Sdk;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(folder, name.Name + ".dll") is var path && File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }

    private static string Newest(string folder, string inside) =>
        Directory.EnumerateDirectories(folder, "10.*").OrderByDescending(version => Version.Parse(Path.GetFileName(version).Split('-')[0]))
            .Select(version => Path.Combine(version, inside)).FirstOrDefault(Directory.Exists)
        ?? throw new DirectoryNotFoundException($"The .NET SDK 10 is not installed in {folder}.");
}
