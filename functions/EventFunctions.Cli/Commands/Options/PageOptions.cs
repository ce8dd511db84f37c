using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary>The options of a list that comes in pages, and how it is shown.</summary>
internal sealed class PageOptions
{
    private const int LargestPage = 1_000;

    private readonly Option<int?> _limit = new("--limit") { Description = "The most items of a page (default 100, at most 1000).", HelpName = "N" };

    private readonly Option<string?> _continuation = EventOptions.Text("--continuation", "Continue after the previous page.", "TOKEN");

    private readonly Option<bool> _all = new("--all") { Description = "All pages." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        command.Options.Add(_limit);
        command.Options.Add(_continuation);
        command.Options.Add(_all);
    }

    /// <summary>Shows the list.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="path">The path of the list.</param>
    /// <param name="filters">What to ask for; given anew for each page.</param>
    /// <param name="headings">A heading for each column.</param>
    /// <param name="row">The cells of an item.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> ShowAsync(
        Call call, string path, Func<Query> filters, IReadOnlyList<string> headings, Func<JsonElement, IReadOnlyList<Cell>> row, CancellationToken cancellationToken)
    {
        var all = call.Get(_all);
        var limit = call.Get(_limit) ?? (all ? LargestPage : null);
        var continuation = call.Get(_continuation);
        var any = false;
        do
        {
            var query = filters().Add("limit", limit?.ToString(CultureInfo.InvariantCulture)).Add("continuation", continuation);
            var page = (await call.Service.GetAsync(path + query, cancellationToken)).Json;
            any |= Show(call.Output, page.Items("items"), headings, row);
            continuation = page.Text("continuation");
        }
        while (all && continuation is not null);

        if (continuation is not null)
        {
            call.Output.WriteNote($"There is more: --all, or --continuation {continuation}");
        }
        else if (!any && !call.Output.IsJson)
        {
            call.Output.WriteNote("Nothing.");
        }

        return ExitCode.Ok;
    }

    private static bool Show(Output output, IReadOnlyList<JsonElement> items, IReadOnlyList<string> headings, Func<JsonElement, IReadOnlyList<Cell>> row)
    {
        if (output.IsJson)
        {
            foreach (var item in items)
            {
                output.Json(item);
            }
        }
        else if (items.Count > 0)
        {
            output.Table(headings, [.. items.Select(row)]);
        }

        return items.Count > 0;
    }
}
