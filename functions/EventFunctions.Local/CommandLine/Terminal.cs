using System.ComponentModel;
using System.Diagnostics;
using EventFunctions.Logging;
using EventFunctions.Telemetry;
using Spectre.Console;

namespace EventFunctions.Local.CommandLine;

/// <summary>
/// Speaks to a person in a terminal, with tables and a progress bar, or to a file or pipe in plain text. What a terminal would act
/// on is escaped.
/// </summary>
/// <param name="output">What there is to say.</param>
/// <param name="error">What went wrong.</param>
/// <param name="interactive">Whether a person watches.</param>
/// <param name="open">Opens a page in the person's browser; throws if there is none.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool interactive, Action<Uri>? open = null)
{
    private IAnsiConsole? _ansi;

    /// <summary>The process's own terminal.</summary>
    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected, OpenInBrowser);

    /// <summary>Says a line.</summary>
    /// <param name="text">The line.</param>
    public void Line(string text = "") => output.WriteLine(SafeText.Of(text));

    /// <summary>Says several lines.</summary>
    /// <param name="text">The lines.</param>
    public void Lines(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            Line(line.TrimEnd('\r'));
        }
    }

    /// <summary>Reports an error.</summary>
    /// <param name="text">One line or more.</param>
    public void Error(string text) => error.WriteLine("EventFunctions: " + LogText.Lines(text));

    /// <summary>Opens a page in the person's browser, or reports that there is none.</summary>
    /// <param name="page">The page.</param>
    public void Open(Uri page)
    {
        try
        {
            open?.Invoke(page);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            Line($"Could not open a browser ({e.Message}). Open the dashboard's link yourself.");
        }
    }

    // By xdg-open or its like, open, or the shell of Windows.
    private static void OpenInBrowser(Uri page)
    {
        using var browser = Process.Start(new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true });
    }

    /// <summary>Shows a table.</summary>
    /// <param name="headings">A heading for each column.</param>
    /// <param name="rows">As many cells in each row.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        rows = [.. rows.Select(row => row.Select(SafeText.Of).ToArray())];
        if (interactive)
        {
            Draw(headings, rows);
            return;
        }

        var widths = headings.Select((heading, i) => rows.Select(r => r[i].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(headings))
        {
            Line("  " + string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>Shows how far some work is.</summary>
    /// <param name="names">What is counted, a bar each.</param>
    /// <param name="goal">How far each has to come.</param>
    /// <param name="work">The work; it is given a way to tell how far a bar is.</param>
    public Task ProgressAsync(IReadOnlyList<string> names, int goal, Func<Action<int, int>, Task> work) =>
        interactive
            ? Ansi.Progress().StartAsync(context =>
            {
                var bars = names.Select(name => context.AddTask(Markup.Escape(name), maxValue: goal)).ToArray();
                return work((bar, value) => bars[bar].Value = value);
            })
            : work((_, _) => { });

    private void Draw(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns([.. headings.Select(Markup.Escape)]);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        Ansi.Write(table);
    }

    // Made when it is first needed, since its library takes time and memory to load.
    private IAnsiConsole Ansi => _ansi ??= AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
}
