using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli;
using EventFunctions.Tests.Cli;

namespace EventFunctions.Tests.Contract;

/// <summary>
/// Compares what users depend on with <c>surface.txt</c>: operations of the contract, settings, and commands of the tool. What is added or
/// removed on purpose needs one line there.
/// </summary>
public sealed class SurfaceTests
{
    private const string List = "tests/EventFunctions.Tests/Contract/surface.txt";

    // Lists and tables whose entries users name themselves.
    private static readonly string[] Named = ["Producers", "ProducerSecrets", "WebhookSecrets", "Keys__Functions", "Logging__LogLevel"];

    [Fact]
    public void Operations_settings_and_commands_are_those_that_are_written_down()
    {
        var written = File.ReadAllLines(Repository.File(List)).ToHashSet(StringComparer.Ordinal);
        var present = Operations().Concat(Settings()).Concat(Commands()).ToHashSet(StringComparer.Ordinal);

        var differences = present.Except(written).Select(line => $"+ {line}").Concat(written.Except(present).Select(line => $"- {line}")).ToList();
        Assert.True(differences.Count == 0, $"Add (+) to {List} or remove (-) from it:{Environment.NewLine}{string.Join(Environment.NewLine, differences)}");
    }

    private static IEnumerable<string> Operations() => ContractCall.All.Select(call => $"operation {call.Method} {call.Path} {call.Id}");

    private static IEnumerable<string> Settings()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Repository.File("local.settings.sample.json")));
        return [.. sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => $"setting {NameOf(value.Name)}").Distinct()];
    }

    private static string NameOf(string setting) =>
        Array.Find(Named, named => setting.StartsWith(named + "__", StringComparison.Ordinal)) is { } table ? $"{table}__*"
        : setting.EndsWith("__0", StringComparison.Ordinal) ? $"{setting[..^3]}__*"
        : setting;

    private static IEnumerable<string> Commands() => CommandsBelow(Tool.Create(ToolRun.At(new Uri("http://127.0.0.1:1"))), "command").Order(StringComparer.Ordinal);

    private static IEnumerable<string> CommandsBelow(Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(sub => CommandsBelow(sub, $"{path} {sub.Name}"));
}
