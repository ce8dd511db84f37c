using System.CommandLine;

namespace EventFunctions.Cli.Commands;

/// <summary>The options that say which state a change is meant for (RFC 9110, conditional requests).</summary>
internal sealed class StateOptions
{
    private readonly Option<string?> _ifMatch = EventOptions.Text("--if-match", "Only where it still is in the state of this ETag.", "ETAG");
    private readonly Option<bool> _force = new("--force") { Description = "In any state." };
    private readonly Option<bool> _create = new("--create") { Description = "Only if it does not exist." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="creates">Whether the command can create.</param>
    public void AddTo(Command command, bool creates)
    {
        command.Options.Add(_ifMatch);
        command.Options.Add(_force);
        if (creates)
        {
            command.Options.Add(_create);
        }

        command.Validators.Add(result =>
        {
            if (new Option[] { _ifMatch, _force, _create }.Count(option => result.GetResult(option) is { Implicit: false }) > 1)
            {
                result.AddError("--if-match, --force and --create exclude each other.");
            }
        });
    }

    /// <summary>The headers that say it.</summary>
    /// <param name="call">The run of the command.</param>
    public IReadOnlyList<(string Name, string Value)> HeadersOf(Call call) =>
        call.Get(_ifMatch) is { } tag ? [("If-Match", tag.StartsWith('"') || tag == "*" ? tag : $"\"{tag}\"")]
        : call.Get(_force) ? [("If-Match", "*")]
        : call.Has(_create) ? [("If-None-Match", "*")]
        : [];
}
