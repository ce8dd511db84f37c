using System.CommandLine;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli;

/// <summary>What all commands share: the options that say which service, and how a command is run.</summary>
/// <param name="context">Where the tool runs.</param>
internal sealed class Session(ToolContext context)
{
    private readonly Option<string?> _url = new("--url")
    {
        Description = $"Where the service is (default {Connection.UrlVariable}, else the embedded host at {Connection.DefaultUrl}).",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"A function key, sent as x-functions-key (default {Connection.KeyVariable}, which others on this machine cannot see).",
        HelpName = "KEY",
        Recursive = true,
    };

    private readonly Option<string?> _administrationKey = new("--admin-key")
    {
        Description = $"The administration key, sent as x-admin-key (default {Connection.AdministrationKeyVariable}).",
        HelpName = "KEY",
        Recursive = true,
    };

    private readonly Option<string?> _producerKey = new("--producer-key")
    {
        Description = $"A key of a producer, sent as x-producer-key (default {Connection.ProducerKeyVariable}).",
        HelpName = "KEY",
        Recursive = true,
    };

    private readonly Option<string?> _scope = new("--entra")
    {
        Description = $"Send an Entra ID token of this scope, from DefaultAzureCredential (default {Connection.ScopeVariable}).",
        HelpName = "SCOPE",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "JSON as the service sent it; lists as one value a line. Messages go to standard error.",
        Recursive = true,
    };

    /// <summary>The options that every command has.</summary>
    public IReadOnlyList<Option> Options => [_url, _key, _administrationKey, _producerKey, _scope, _json];

    /// <summary>Where the tool runs.</summary>
    public ToolContext Context => context;

    /// <summary>Describes a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="action">What it does; it answers with its exit code.</param>
    public void Run(Command command, Func<Call, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var call = new Call(context, parsed, parsed.GetValue(_json), () => Connect(parsed));
            return await action(call, cancellationToken);
        });

    private Connection Connect(ParseResult parsed) => Connection.Create(
        parsed.GetValue(_url) ?? context.Variable(Connection.UrlVariable),
        parsed.GetValue(_key) ?? context.Variable(Connection.KeyVariable),
        parsed.GetValue(_administrationKey) ?? context.Variable(Connection.AdministrationKeyVariable),
        parsed.GetValue(_scope) ?? context.Variable(Connection.ScopeVariable),
        parsed.GetValue(_producerKey) ?? context.Variable(Connection.ProducerKeyVariable));
}
