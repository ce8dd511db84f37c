using System.Text.Json;
using EventFunctions.Telemetry;
using Spectre.Console;

namespace EventFunctions.Cli.Terminal;

/// <summary>
/// Writes to a terminal with tables and colours, to a pipe in plain text, or to a program in JSON. Results go to standard output,
/// everything else to standard error. Control characters are removed.
/// </summary>
/// <param name="context">The streams.</param>
/// <param name="json">Whether a program reads.</param>
internal sealed class Output(ToolContext context, bool json)
{
    // In a terminal a line that wraps twice helps nobody; --json and a pipe have all of it.
    private const int MaxCell = 80;

    // In a pipe, where nobody knows how wide the next page's cells are.
    private const int MaxPadding = 40;

    private readonly Lazy<IAnsiConsole> _output = new(() => Console(context.Output));
    private readonly Lazy<IAnsiConsole> _error = new(() => Console(context.Error));

    /// <summary>Whether a program reads.</summary>
    public bool IsJson => json;

    /// <summary>Writes a line of the result.</summary>
    /// <param name="text">The line.</param>
    public void Line(string text = "") => context.Output.WriteLine(SafeText.Of(text));

    /// <summary>Writes a line of cells of the result.</summary>
    /// <param name="cells">The cells and how wide each is at least.</param>
    public void Line(params IReadOnlyList<(Cell Cell, int Width)> cells)
    {
        if (context.IsOutputTerminal)
        {
            _output.Value.MarkupLine(string.Join("  ", cells.Select(c => Markup(c.Cell, Pad(SafeText.Of(c.Cell.Text), c.Width)))).TrimEnd());
        }
        else
        {
            context.Output.WriteLine(string.Join("  ", cells.Select(c => Pad(SafeText.Of(c.Cell.Text), c.Width))).TrimEnd());
        }
    }

    /// <summary>Writes a message to standard error.</summary>
    /// <param name="text">The line.</param>
    public void WriteNote(string text) => context.Error.WriteLine(SafeText.Of(text));

    /// <summary>Says a JSON value on a line of its own.</summary>
    /// <param name="value">The value, as it came.</param>
    public void Json(JsonElement value) => context.Output.WriteLine(JsonText.OneLine(value.GetRawText()));

    /// <summary>Shows a JSON value, on many lines where a person reads.</summary>
    /// <param name="value">The value, as it came.</param>
    public void Document(JsonElement value) =>
        context.Output.WriteLine(json ? JsonText.OneLine(value.GetRawText()) : JsonText.Indented(value.GetRawText()));

    /// <summary>Shows a table.</summary>
    /// <param name="headings">A heading for each column.</param>
    /// <param name="rows">As many cells in each row.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        if (context.IsOutputTerminal)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns([.. headings.Select(Spectre.Console.Markup.Escape)]);
            foreach (var row in rows)
            {
                table.AddRow([.. row.Select(cell => Markup(cell, Shortened(SafeText.Of(cell.Text))))]);
            }

            _output.Value.Write(table);
            return;
        }

        var texts = rows.Select(row => row.Select(cell => SafeText.Of(cell.Text)).ToArray()).Prepend([.. headings]).ToList();
        var widths = headings.Select((_, i) => Math.Min(MaxPadding, texts.Max(row => row[i].Length))).ToArray();
        foreach (var row in texts)
        {
            context.Output.WriteLine(string.Join("  ", row.Select((text, i) => Pad(text, widths[i]))).TrimEnd());
        }
    }

    /// <summary>Shows progress in a terminal.</summary>
    /// <param name="work">The work; it is given a way to say how far it is.</param>
    public Task<T> WatchAsync<T>(Func<Action<string>, Task<T>> work)
    {
        return context.IsErrorTerminal
            ? _error.Value.Status().StartAsync("…", status => work(text => status.Status = Spectre.Console.Markup.Escape(SafeText.Of(text))))
            : work(_ => { });
    }

    private static string Markup(Cell cell, string text)
    {
        var escaped = Spectre.Console.Markup.Escape(text);
        return cell.Color is null ? escaped : $"[{cell.Color}]{escaped}[/]";
    }

    private static string Pad(string text, int width) => text.PadRight(width);

    private static string Shortened(string text) => text.Length <= MaxCell ? text : string.Concat(text.AsSpan(0, MaxCell - 1), "…");

    private static IAnsiConsole Console(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
