using System.Text.RegularExpressions;
using EventFunctions.Local.Hosting;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Tests.Guides;

/// <summary>What <c>docs/architecture.md</c> says of the reference architecture's parts.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Map = File.ReadAllText(Repository.File("docs/architecture.md"))
        .Split("## The reference architecture, part by part")[1];

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
}
