using System.Text;
using System.Text.Json;
using EventFunctions.Cli;
using EventFunctions.Tests.Contract;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

/// <summary>A run of the tool in this process, from its entry point to its exit code.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public const string AdministrationKey = "an-administration-key-of-the-tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The values of standard output, one a line.</summary>
    public JsonElement[] Json => [.. Lines.Select(line => JsonElement.Parse(line))];

    /// <summary>A service whose jobs begin at once.</summary>
    public static Task<Service> ServiceAsync(params (string Name, string Value)[] settings) =>
        Service.StartAsync(settings: [("Administration:Key", AdministrationKey), .. settings]);

    /// <summary>Runs the tool against a service, each of whose answers is held against the contract.</summary>
    public static Task<ToolRun> AsAdministratorAsync(Service service, params string[] args) => RunAsync(service, null, args);

    /// <summary>The same, with something on standard input.</summary>
    public static Task<ToolRun> RunAsync(Service service, string? input, params string[] args) =>
        RunAsync(At(service.Host.Address), input is null ? null : Encoding.UTF8.GetBytes(input), args, Cancellation);

    /// <summary>The environment of a tool that is an administrator of a service.</summary>
    public static ToolContext At(Uri address, string? key = AdministrationKey) => new()
    {
        Input = Stream.Null,
        Output = TextWriter.Null,
        Error = TextWriter.Null,
        IsInputTerminal = true,
        Variable = name => name switch
        {
            "EVENTFUNCTIONS_URL" => address.AbsoluteUri,
            "EVENTFUNCTIONS_ADMIN_KEY" => key,
            _ => null,
        },
        Network = network => new ContractHandler(network),
    };

    /// <summary>Runs the tool anywhere.</summary>
    public static async Task<ToolRun> RunAsync(ToolContext context, byte[]? input, string[] args, CancellationToken cancellationToken)
    {
        await using var output = new SharedText();
        await using var error = new SharedText();
        using var stream = new MemoryStream(input ?? []);
        context = context with { Input = stream, Output = output, Error = error, IsInputTerminal = input is null };
        var exitCode = await Tool.RunAsync(args, context, cancellationToken);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }
}
