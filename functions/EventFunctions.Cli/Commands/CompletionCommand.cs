using System.CommandLine;

namespace EventFunctions.Cli.Commands;

/// <summary><c>completion</c>: the script that lets a shell complete the tool's commands and options.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "pwsh"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var shell = new Argument<string>("shell") { Description = "Which shell.", HelpName = string.Join('|', Shells) };
        shell.AcceptOnlyFromAmong(Shells);
        var command = new Command("completion", "Prints the script that completes commands and options in a shell.") { shell };
        session.Run(command, async (call, cancellationToken) =>
        {
            await using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream("completion/" + call.Get(shell))!;
            using var reader = new StreamReader(script);
            await call.Context.Output.WriteAsync(await reader.ReadToEndAsync(cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }
}
