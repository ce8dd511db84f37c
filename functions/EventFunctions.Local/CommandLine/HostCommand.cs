using System.CommandLine;
using EventFunctions.Composition;
using EventFunctions.Local.EventGrid;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Local.CommandLine;

/// <summary>
/// The command line: no command serves, <c>demo</c> shows the whole job, <c>eventgrid</c> serves functions that run elsewhere.
/// </summary>
internal static class HostCommand
{
    /// <summary>The exit code for a command line or a set-up that makes no sense.</summary>
    public const int Unusable = StartFault.ExitCode;

    /// <summary>The exit code for what went wrong on the way.</summary>
    public const int Failed = 1;

    private const int MaxEvents = 1_000_000;

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="terminal">Where its words go.</param>
    /// <returns>The exit code: 0; 1 when the demo found a difference; 2 for a bad option or set-up.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        var parsed = Create(terminal).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            terminal.Error(parsed.Errors[0].Message);
            return Unusable;
        }

        try
        {
            // Signals are the host's own business: it drains.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is HostStartException or GridConfigurationException or EventGridUnavailableException)
        {
            terminal.Error(e.Message);
            return Unusable;
        }
        catch (Exception e) when (StartFault.Explain(e) is { } fault)
        {
            terminal.Error(fault);
            return Unusable;
        }
        catch (OperationCanceledException)
        {
            terminal.Error("Stopped early.");
            return Failed;
        }
        catch (Exception e)
        {
            terminal.Error(e.ToString());
            return Failed;
        }
    }

    private static RootCommand Create(Terminal terminal)
    {
        var urls = new Option<string?>("--urls")
        {
            Description = $"Where to listen, several separated by semicolons (default {ListeningAddresses.Default}; the demo takes a free port).",
            HelpName = "URL",
            Recursive = true,
        };
        var data = new Option<string?>("--data")
        {
            Description = "The folder that holds everything (default: one for this user; the demo takes a fresh one).",
            HelpName = "DIR",
            Recursive = true,
        };
        var settings = new Option<string[]>("--setting")
        {
            Description = "A setting that overrides files and environment variables; may be repeated.",
            HelpName = "KEY=VALUE",
            Recursive = true,
        };
        settings.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=') < 1))
            {
                result.AddError($"--setting must look like KEY=VALUE, not \"{token.Value}\".");
            }
        });
        var events = Number("--events", "How many events to send.", 1_000, 1, MaxEvents);
        var seed = Number("--seed", "The seed of the generated policies and failures.", 1, 0, int.MaxValue);

        var demo = new Command("demo", "Sends generated policy events with planned failures, and checks the results.") { events, seed };
        demo.SetAction((parsed, cancellation) => new DemoCommand(terminal).RunAsync(
            new DemoOptions
            {
                Urls = parsed.GetValue(urls),
                DataDirectory = parsed.GetValue(data),
                Settings = Pairs(parsed.GetValue(settings)),
                Events = parsed.GetValue(events),
                Seed = parsed.GetValue(seed),
            },
            cancellation));

        var functions = Address("--functions", "The URL of the functions.", EventGridCommand.DefaultFunctions);
        var eventGrid = new Command("eventgrid", "Runs the local Event Grid and the sample producer for functions under Azure Functions Core Tools.") { functions };
        eventGrid.SetAction((parsed, cancellation) => new EventGridCommand(terminal).RunAsync(
            new LocalHostOptions
            {
                Urls = parsed.GetValue(urls) ?? EventGridCommand.DefaultUrls,
                DataDirectory = parsed.GetValue(data) ?? EventGridCommand.DefaultDataDirectory,
                Settings = Pairs(parsed.GetValue(settings)),
                RunFunctions = false,
                FunctionsUrl = parsed.GetValue(functions),
                TopicKey = EventGridCommand.TopicKey,
            },
            cancellation));

        var open = new Option<bool>("--open") { Description = "Opens the dashboard in a browser, signed in." };
        var root = new RootCommand("EventFunctions: the event notification service on this machine.") { urls, data, settings, open, demo, eventGrid };
        root.SetAction((parsed, cancellation) =>
        {
            var options = new LocalHostOptions { Settings = Pairs(parsed.GetValue(settings)) };
            return new ServeCommand(terminal).RunAsync(
                options with { Urls = parsed.GetValue(urls) ?? options.Urls, DataDirectory = parsed.GetValue(data) ?? options.DataDirectory },
                parsed.GetValue(open),
                cancellation);
        });
        return root;
    }

    private static Option<Uri> Address(string name, string description, Uri byDefault) => new(name)
    {
        Description = $"{description} (default {byDefault})",
        HelpName = "URL",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            if (result.Tokens is [var token] && Uri.TryCreate(token.Value.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                return url;
            }

            result.AddError($"{name} must be an http or https URL, for example {byDefault}");
            return byDefault;
        },
    };

    private static Option<int> Number(string name, string description, int byDefault, int least, int most) => new(name)
    {
        Description = $"{description} (default {byDefault})",
        HelpName = "N",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} must be a whole number from {least} to {most}.");
            return byDefault;
        },
    };

    private static Dictionary<string, string?> Pairs(string[]? settings)
    {
        var pairs = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings ?? [])
        {
            var equals = setting.IndexOf('=');
            pairs[setting[..equals].Replace("__", ":", StringComparison.Ordinal)] = setting[(equals + 1)..];
        }

        return pairs;
    }
}
