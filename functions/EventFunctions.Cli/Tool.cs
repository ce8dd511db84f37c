using System.CommandLine;
using System.CommandLine.Help;
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
        // An argument that begins with @ is text, not a file of arguments.
        var parsed = Create(context).Parse(args.Count == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (UsageErrors.Of(parsed) is { Count: > 0 } errors)
        {
            Print(context, errors);
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
            // A file or pipe that broke.
            Print(context, [e.Message]);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Creates the command with its subcommands.</summary>
    /// <param name="context">Where it runs.</param>
    public static RootCommand Create(ToolContext context)
    {
        var session = new Session(context);
        var root = new RootCommand("Sends events to EventFunctions, shows their state, and administers the service.")
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
            TickCommand.Create(session),
            ListenCommand.Create(session),
            CostsCommand.Create(session),
            CapacityCommand.Create(session),
            CompletionCommand.Create(session),
        };
        foreach (var option in session.Options)
        {
            root.Options.Add(option);
        }

        // A source may be called /h.
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Aliases.Remove("/h");
            help.Aliases.Remove("/?");
        }

        return root;
    }

    private static void Print(ToolContext context, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            context.Error.WriteLine(SafeText.Of(line));
        }
    }
}
