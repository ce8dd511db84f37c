using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using EventFunctions.Cli.Commands;
using EventFunctions.Local.Hosting;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Tests.Guides;

/// <summary>What <c>docs/architecture.md</c> says of the reference architecture's parts.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Map = File.ReadAllText(Repository.File("docs/architecture.md"))
        .Split("## The functions")[1];

    public static TheoryData<string> Functions =>
    [
        .. typeof(LocalHost).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes(typeof(FunctionAttribute), inherit: false))
            .Select(function => ((FunctionAttribute)function).Name),
    ];

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_map_names_each_function(string name) => Assert.Contains($"`{name}`", Map, StringComparison.Ordinal);

    [Fact]
    public void No_part_of_the_map_is_left_for_later() => Assert.DoesNotMatch(new Regex(@"\b(next|planned|todo|later)\b", RegexOptions.IgnoreCase), Map);

    [Fact]
    public void No_two_types_of_the_product_have_one_name()
    {
        var twice = Product(typeof(LocalHost).Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsNested && type.Namespace?.StartsWith("EventFunctions", StringComparison.Ordinal) == true && !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .GroupBy(type => type.Name)
            .Where(types => types.Count() > 1)
            .Select(types => string.Join(", ", types.Select(type => type.FullName)));

        Assert.Empty(twice);
    }

    private static IEnumerable<Assembly> Product(Assembly root) =>
        root.GetReferencedAssemblies()
            .Where(name => name.Name!.StartsWith("EventFunctions", StringComparison.Ordinal))
            .Select(Assembly.Load)
            .SelectMany(Product)
            .Append(root)
            .Append(typeof(SendCommand).Assembly)
            .Distinct();
}
