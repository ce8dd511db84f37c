using System.CommandLine;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli;

/// <summary>One run of a command.</summary>
/// <param name="context">Where it runs.</param>
/// <param name="parsed">What was asked for.</param>
/// <param name="json">Whether the answer is for a program.</param>
/// <param name="connect">Says which service is meant.</param>
internal sealed class Call(ToolContext context, ParseResult parsed, bool json, Func<Connection> connect) : IDisposable
{
    private ServiceClient? _service;

    /// <summary>Where it runs.</summary>
    public ToolContext Context => context;

    /// <summary>Where its words go.</summary>
    public Output Output { get; } = new(context, json);

    /// <summary>The service; made when it is first needed.</summary>
    /// <exception cref="ToolException">The command line or the environment does not say which.</exception>
    public ServiceClient Service => _service ??= new ServiceClient(connect(), context);

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Whether an option was given.</summary>
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <inheritdoc/>
    public void Dispose() => _service?.Dispose();
}
