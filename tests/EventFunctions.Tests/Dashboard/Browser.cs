using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

/// <summary>One real browser for all tests of pages: the one that <c>CHROMIUM</c> names, or the system's.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Variable = "CHROMIUM";
    private const string SystemPath = "/usr/bin/chromium";

    private string? _missing;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : SystemPath;
        if (!File.Exists(path))
        {
            _missing = $"There is no browser at {path}: install Chromium, or name one in {Variable}.";
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"] });
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
