using System.CommandLine;
using System.CommandLine.Invocation;
using EventFunctions.Cli.Commands;
using EventFunctions.Telemetry;

namespace EventFunctions.Cli;

/// <summary>The command line tool.</summary>
internal static class Tool
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">Where it runs.</param>
    /// <param name="cancellationToken">Ends the command in order.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, ToolContext context, CancellationToken cancellationToken)
    {
        // An argument that begins with @ is somebody's text here, and no file of arguments.
        var parsed = Create(context).Parse(args.Count == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            Print(context, [.. parsed.Errors.Select(error => error.Message), $"See: {CommandOf(parsed)} --help"]);
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                    Output = context.Output,
                    Error = context.Error,
                },
                cancellationToken);
        }
        catch (ToolException e)
        {
            Print(context, e.Lines);
            return e.ExitCode;
        }
        catch (IOException e)
        {
            // A file or pipe that gives or takes no more.
            Print(context, [e.Message]);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>The command with all that is below it.</summary>
    /// <param name="context">Where it runs.</param>
    public static RootCommand Create(ToolContext context)
    {
        var session = new Session(context);
        var root = new RootCommand("Sends events to EventFunctions, shows what became of them, and administers the service.")
        {
            SendCommand.Create(session),
            GetCommand.Create(session),
            ListCommand.Create(session),
            TailCommand.Create(session),
            FailuresCommand.Create(session),
            ReplayCommand.Create(session),
            JobsCommand.Create(session),
            ProducersCommand.Create(session),
            WebhooksCommand.Create(session),
            ChangesCommand.Create(session),
            ListenCommand.Create(session),
            CompletionCommand.Create(session),
        };
        foreach (var option in session.Options)
        {
            root.Options.Add(option);
        }

        return root;
    }

    private static string CommandOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Add(result.Parent is null ? "eventfunctions" : result.Command.Name);
        }

        names.Reverse();
        return string.Join(' ', names);
    }

    private static void Print(ToolContext context, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            context.Error.WriteLine(SafeText.Of(line));
        }
    }
}
