using System.CommandLine;

namespace EventFunctions.Cli.Commands;

/// <summary><c>completion</c>: prints the script with which a shell completes commands and options.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var shell = new Argument<string>("shell") { Description = "The shell.", HelpName = string.Join('|', Shells) };
        shell.CompletionSources.Add(Shells);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Shells.Contains(token.Value, StringComparer.Ordinal))
            {
                result.AddError($"Unknown shell '{token.Value}'. Use {string.Join(", ", Shells[..^1])} or {Shells[^1]}.");
            }
        });
        var command = new Command("completion", "Prints the completion script of a shell.") { shell };
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
