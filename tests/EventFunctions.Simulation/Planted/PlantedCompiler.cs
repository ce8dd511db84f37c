using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace EventFunctions.Simulation.Planted;

/// <summary>Compiles the core with one planted fault.</summary>
internal sealed class PlantedCompiler
{
    private const string Name = "EventFunctions.Core";

    // What the project file adds.
    private const string Added = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("EventFunctions.Simulation")]
        [assembly: System.Reflection.AssemblyVersion("1.0.0.0")]
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private readonly Dictionary<string, SyntaxTree> _files;
    private readonly SourceTree _sources;
    private CSharpCompilation _compilation;
    private GeneratorDriver _driver;

    public PlantedCompiler(SourceTree sources)
    {
        _sources = sources;
        _files = sources.Files(".cs").ToDictionary(file => file, file => Parse(sources.Read(file), file));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var file && (!file.StartsWith("EventFunctions.", StringComparison.Ordinal) || file == "EventFunctions.Filters.dll"));
        _compilation = CSharpCompilation.Create(
            Name,
            [.. _files.Values, Parse(Added, "Added.cs")],
            references.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Suppress));
        _driver = CSharpGeneratorDriver.Create(SdkCompiler.Generators.SelectMany(GeneratorsOf), parseOptions: Language);
    }

    /// <summary>Compiles the core with a fault.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="path">The assembly.</param>
    /// <exception cref="InvalidDataException">The fault does not fit the source, or does not compile.</exception>
    public void Compile(PlantedFault fault, string path)
    {
        var before = _files.GetValueOrDefault(fault.File) ?? throw new InvalidDataException($"The file {fault.File} of the planted fault {fault.Name} does not exist.");
        var faulty = _compilation.ReplaceSyntaxTree(before, Parse(fault.Plant(_sources.Read(fault.File)), fault.File));
        _driver = _driver.RunGeneratorsAndUpdateCompilation(faulty, out var whole, out _);
        using var assembly = File.Create(path);
        var result = whole.Emit(assembly, manifestResources: Resources());
        if (!result.Success)
        {
            throw new InvalidDataException($"The planted fault {fault.Name} does not compile: {result.Diagnostics.First(one => one.Severity == DiagnosticSeverity.Error)}");
        }
    }

    private IEnumerable<ResourceDescription> Resources() => _sources.Files(".json")
        .Where(file => file.StartsWith(Path.Combine("Producers", "Presets"), StringComparison.Ordinal))
        .Select(file => new ResourceDescription("Presets." + Path.GetFileName(file), () => File.OpenRead(Path.Combine(_sources.Core, file)), isPublic: true));

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(SourceText.From(text, System.Text.Encoding.UTF8), Language, path);

    private static IEnumerable<ISourceGenerator> GeneratorsOf(string path) => TypesOf(Assembly.LoadFrom(path))
        .Where(type => !type.IsAbstract && typeof(IIncrementalGenerator).IsAssignableFrom(type) && type.IsDefined(typeof(GeneratorAttribute)))
        .Select(type => ((IIncrementalGenerator)Activator.CreateInstance(type, nonPublic: true)!).AsSourceGenerator());

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            // What changes code in an editor needs assemblies that are not here.
            return e.Types.OfType<Type>();
        }
    }
}
