using System.CommandLine;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Commands;

/// <summary>The options that choose among records: those of the list, the stream and jobs.</summary>
internal sealed class EventOptions
{
    private static readonly string[] Statuses = ["recorded", "filtered", "enriching", "completed", "failed", "deadLettered"];

    /// <summary>The statuses, each possibly several with commas between.</summary>
    public Option<string[]> Status { get; } = new("--status")
    {
        Description = $"One or more of {string.Join(", ", Statuses)}, with commas between; may be repeated.",
        HelpName = "STATUS",
        CompletionSources = { Statuses },
    };

    /// <summary>The exact source.</summary>
    public Option<string?> Source { get; } = Text("--source", "The exact source.", "SOURCE");

    /// <summary>The exact type.</summary>
    public Option<string?> Type { get; } = Text("--type", "The exact type.", "TYPE");

    /// <summary>The exact subject.</summary>
    public Option<string?> Subject { get; } = Text("--subject", "The exact subject.", "SUBJECT");

    /// <summary>The name of the producer.</summary>
    public Option<string?> Producer { get; } = Text("--producer", "The name of the producer that the events were recorded for.", "PRODUCER");

    /// <summary>Whether failures are dismissed.</summary>
    public Option<bool?> Dismissed { get; } = new("--dismissed")
    {
        Description = "Only dismissed failures; \"false\" for the others.",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "true|false",
    };

    /// <summary>The earliest time.</summary>
    public Option<string?> From { get; } = Text("--from", "Recorded at this time or later (RFC 3339).", "TIME");

    /// <summary>The end of the time.</summary>
    public Option<string?> To { get; } = Text("--to", "Recorded before this time (RFC 3339).", "TIME");

    /// <summary>An option that takes a text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="helpName">What help calls its value.</param>
    public static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    /// <summary>The statuses that were asked for; none for all.</summary>
    /// <param name="call">The run of the command.</param>
    public string[] StatusesOf(Call call) =>
        [.. (call.Get(Status) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The filters of the stream.</summary>
    /// <param name="call">The run of the command.</param>
    public Query ToQuery(Call call)
    {
        var statuses = StatusesOf(call);
        return new Query()
            .Add("status", statuses.Length == 0 ? null : string.Join(',', statuses))
            .Add("source", call.Get(Source))
            .Add("type", call.Get(Type))
            .Add("subject", call.Get(Subject))
            .Add("producer", call.Get(Producer))
            .Add("dismissed", call.Get(Dismissed) switch { true => "true", false => "false", null => null });
    }
}
