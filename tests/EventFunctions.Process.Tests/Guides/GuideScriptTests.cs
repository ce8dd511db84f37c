using System.Net;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Guides;

/// <summary>The blocks of the guides for a shell, run by a reader who reads one guide after the other on one host.</summary>
public sealed class GuideScriptTests
{
    // The order in which they are read.
    private static readonly string[] Pages =
        ["get-started.md", "produce.md", "consume.md", "enrich.md", "administer.md", "operate.md", "debug.md", "deploy.md"];

    // Examples that have tests of their own.
    private static readonly string[] Elsewhere =
        ["docs/produce.md python", "docs/produce.md csharp"];

    // A request that fails ends the script, after some patience for events in progress. The tool and the projects were built before.
    private const string Prelude =
        """
        set -euo pipefail
        curl() {
          for attempt in $(seq 100); do command curl --fail-with-body "$@" && return 0; sleep 0.1; done
          echo "failed: curl $*" >&2
          return 22
        }
        dotnet() {
          case "$*" in
            "run --project functions/EventFunctions.Cli -- "*) shift 4; command dotnet "$TOOL" "$@" ;;
            *) echo "unexpected: dotnet $*" >&2; return 1 ;;
          esac
        }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_block_is_run_or_gives_the_reason_why_not()
    {
        var code = MarkdownPage.Current.SelectMany(page => page.Blocks).Where(block => block.Language is "bash" or "python" or "js" or "csharp").ToList();

        Assert.DoesNotContain(code, block => block.NotRun is { Length: < 15 });
        Assert.Equal(
            Elsewhere.Order(StringComparer.Ordinal),
            code.Where(block => block.Language != "bash").Select(block => $"{block.Page} {block.Language}").Order(StringComparer.Ordinal));
        Assert.Empty(
            from block in code
            where block.Language == "bash" && block.NotRun is null && !Pages.Contains(block.Page["docs/".Length..])
            select $"{block.Page}:{block.Line}");
    }

    [Fact]
    public async Task Blocks_that_are_not_run_are_valid_for_the_shell()
    {
        using var folder = new TemporaryFolder();
        var blocks = MarkdownPage.Current.SelectMany(page => page.Blocks).Where(block => block.Language == "bash" && block.NotRun is not null);
        var code = string.Join('\n', blocks.Select(block => $"check() {{\n{block.Code}\n}}"));
        using var shell = await Example.StartAsync("check.sh", code, new Uri("http://127.0.0.1:9"), folder);

        await shell.EndsAsync();

        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public async Task A_reader_of_all_guides_can_run_each_block()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/sqlite3") && File.Exists("/usr/bin/curl"), "This test needs Linux, curl and sqlite3.");
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));
        foreach (var name in new[] { "docs", "functions", "local.settings.sample.json" })
        {
            File.CreateSymbolicLink(folder.File(name), Repository.File(name));
        }

        Directory.CreateDirectory(folder.File(".local/share"));
        File.CreateSymbolicLink(folder.File(".local/share/EventFunctions"), service.Folder);
        foreach (var name in Pages)
        {
            await RunAsync("docs/" + name, service, folder);
        }

        Assert.Equal("completed", await StatusAsync(service, "first", "/insurance/policies"));
        Assert.Equal("completed", await StatusAsync(service, "broken", "/insurance/policies"));
        Assert.Equal("completed", await StatusAsync(service, "claim-1", "/insurance/claims"));
        Assert.Equal("completed", await StatusAsync(service, "quote-1", "/insurance/quotes"));
        await Poll.UntilAsync(
            async () =>
            {
                using var data = await service.Client.GetAsync("/api/events/broken/data?source=/insurance/policies", Stop);
                return data.StatusCode == HttpStatusCode.Gone;
            },
            () => "The content was not erased.");
        await RestoresAsync(folder.File("backup"));
    }

    private static async Task RunAsync(string path, Service service, TemporaryFolder folder)
    {
        var page = MarkdownPage.Current.Single(one => one.Path == path);
        var blocks = page.Blocks.Where(block => block.Language == "bash" && block.NotRun is null);
        var code = Prelude + string.Concat(blocks.Select(block => $"\necho 'after {path}:{block.Line}' >&2\n{block.Code}"));
        using var shell = await Example.StartAsync(
            "guide.sh",
            code,
            service.Host.Address,
            folder,
            ("HOME", folder.Path),
            ("TOOL", Path.Combine(AppContext.BaseDirectory, "eventfunctions.dll")),
            ("EVENTFUNCTIONS_URL", service.Host.Address.OriginalString));
        var output = await shell.StandardOutput.RestAsync();
        await shell.EndsAsync();

        Assert.True(shell.ExitCode == 0, $"{path}: {output}");
    }

    private static async Task<string> StatusAsync(Service service, string id, string source)
    {
        var status = "";
        await Poll.UntilAsync(
            async () =>
            {
                var record = JsonElement.Parse(await service.Client.GetByteArrayAsync($"/api/events/{id}?source={Uri.EscapeDataString(source)}", Stop));
                status = record.GetProperty("status").GetString()!;
                return status is not ("recorded" or "enriching");
            },
            () => $"{id}: {status}");
        return status;
    }

    // The backup was made while the host ran.
    private static async Task RestoresAsync(string folder)
    {
        await using var host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Urls = "http://127.0.0.1:0",
                DataDirectory = folder,
                ContentRoot = folder,
                Settings = new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "None", ["Logging:LogLevel:EventFunctions"] = "None" },
            },
            Stop);
        using var client = new HttpClient { BaseAddress = host.Address };
        var record = JsonElement.Parse(await client.GetByteArrayAsync("/api/events/first?source=/insurance/policies", Stop));
        Assert.Equal("completed", record.GetProperty("status").GetString());
    }
}
