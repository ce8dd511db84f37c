using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace EventFunctions.Cli;

/// <summary>Explains errors in a command line, and suggests corrections.</summary>
internal static class UsageErrors
{
    private const int MaxDistance = 2;
    private const int MaxElsewhere = 3;

    /// <summary>Returns a line for each error and where help is; empty if there is no error.</summary>
    /// <param name="parsed">The command line.</param>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        // Help and completion act instead of the command.
        if (parsed.Action is not ParseErrorAction && parsed.Action != parsed.CommandResult.Command.Action)
        {
            return [];
        }

        var lines = Unrecognized(parsed) is { } token ? [Explain(parsed, token)]
            : parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 } group ? [$"{PathOf(group)} needs a command: {NamesOf(group.Subcommands)}."]
            : parsed.Errors.Select(Explain).ToList();
        if (lines.Count > 0)
        {
            lines.Add($"See: {PathOf(parsed.CommandResult.Command)} --help");
        }

        return lines;
    }

    // An argument takes a misspelled option for its value, unless -- is before it.
    private static string? Unrecognized(ParseResult parsed) =>
        (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? null
            : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal))?.Value)
        ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);

    // The parser's own message for a value of the wrong type names a .NET type.
    private static string Explain(ParseError error) =>
        error.SymbolResult is OptionResult { Option: var option, Tokens: [var token] } && NameOf(option.ValueType) is { } type
            && error.Message.Contains(option.ValueType.ToString(), StringComparison.Ordinal)
            ? $"'{token.Value}' is not a value of {option.Name}, which must be {type}."
            : error.Message;

    private static string? NameOf(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.Double or TypeCode.Decimal => "a number",
        TypeCode.Boolean => "true or false",
        _ => null,
    };

    private static string Explain(ParseResult parsed, string token)
    {
        var command = parsed.CommandResult.Command;
        var isOption = token.StartsWith('-');
        string[] meant =
        [
            .. Near(token, isOption ? OptionsOf(command) : command.Subcommands.Select(sub => sub.Name)),
            .. Elsewhere(parsed.RootCommandResult.Command, command, token, isOption).Take(MaxElsewhere),
        ];
        var what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"Unknown {what} '{token}' of {PathOf(command)}."
            + (meant.Length > 0 ? $" Did you mean {string.Join(" or ", meant)}?" : what == "command" ? $" Use one of {NamesOf(command.Subcommands)}." : "");
    }

    private static string NamesOf(IEnumerable<Command> commands) => string.Join(", ", commands.Select(command => command.Name));

    private static IEnumerable<string> OptionsOf(Command command) =>
        command.Options.Select(option => option.Name).Concat(Ancestors(command).SelectMany(parent => parent.Options.Where(option => option.Recursive)).Select(option => option.Name));

    private static IEnumerable<string> Elsewhere(Command root, Command asked, string token, bool isOption) =>
        Descendants(root).Where(other => other != asked && (isOption
            ? other.Options.Any(option => option.Name == token) && Ancestors(other).Contains(asked)
            : other.Name == token)).Select(other => isOption ? $"{PathOf(other)} {token}" : PathOf(other));

    private static IEnumerable<Command> Descendants(Command command) => command.Subcommands.SelectMany(sub => Descendants(sub).Prepend(sub));

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (var parent = ParentOf(command); parent is not null; parent = ParentOf(parent))
        {
            yield return parent;
        }
    }

    private static Command? ParentOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault();

    private static string PathOf(Command command) =>
        string.Join(' ', Ancestors(command).Reverse().Append(command).Select(part => part is RootCommand ? "eventfunctions" : part.Name));

    private static string[] Near(string token, IEnumerable<string> names)
    {
        var limit = Math.Min(MaxDistance, token.TrimStart('-').Length / 2);
        return [.. names.Select(name => (Name: name, Distance: name.StartsWith(token, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(token, name)))
            .Where(near => near.Distance <= limit).OrderBy(near => near.Distance).GroupBy(near => near.Distance).FirstOrDefault()?.Select(near => near.Name) ?? []];
    }

    // Insertions, deletions, changes and transpositions.
    private static int Distance(string left, string right)
    {
        var edits = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }

        return edits[left.Length, right.Length];
    }
}
