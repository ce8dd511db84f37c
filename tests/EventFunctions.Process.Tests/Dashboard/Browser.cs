using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

/// <summary>One real browser for all tests of pages: the one that <c>CHROMIUM</c> names, else the system's, else Playwright's own.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Variable = "CHROMIUM";
    private const string SystemPath = "/usr/bin/chromium";

    private string? _missing;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        if (await FindAsync(_playwright.Chromium.ExecutablePath) is not { } path)
        {
            _missing = $"There is no browser at {SystemPath}, and Playwright could not download one: install Chromium, or name one in {Variable}.";
            return;
        }

        Assertions.SetDefaultExpectTimeout((float)TimeSpan.FromSeconds(30).TotalMilliseconds);
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"] });
    }

    private static async Task<string?> FindAsync(string ownPath)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return given;
        }

        if (File.Exists(SystemPath))
        {
            return SystemPath;
        }

        if (!File.Exists(ownPath))
        {
            await Task.Run(() => Microsoft.Playwright.Program.Main(["install", "chromium"]));
        }

        return File.Exists(ownPath) ? ownPath : null;
    }

    /// <summary>Opens a page that is new to the service; skips the test where there is no browser.</summary>
    internal async Task<BrowserPage> OpenAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        var context = await _browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        return await BrowserPage.OpenAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "Browser";
}
