using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

/// <summary>A page that notes what a policy refused, what its scripts threw, and where it sent requests.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _urls = new();
    private readonly IBrowserContext _context;

    private BrowserPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public IEnumerable<string> Urls => _urls;

    public IEnumerable<string> Faults => _faults;

    public static async Task<BrowserPage> OpenAsync(IBrowserContext context)
    {
        var result = new BrowserPage(context, await context.NewPageAsync());
        var page = result.Page;
        await page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.error(`refused: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`))");
        page.PageError += (_, error) => result._faults.Enqueue(error);
        page.Request += (_, request) => result._urls.Enqueue(request.Url);
        page.Console += (_, message) =>
        {
            // An answer other than 2xx is the service's to give, and the page's to explain.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                result._faults.Enqueue(message.Text);
            }
        };
        return result;
    }

    public Task GiveAdminKeyAsync(string key) => Page.AddInitScriptAsync($"sessionStorage.setItem('admin-key', '{key}')");

    /// <summary>Enters a key in the dialog for keys.</summary>
    public async Task EnterKeyAsync(string label, string key)
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = "Keys", Exact = true }).ClickAsync();
        await Page.GetByLabel(label).FillAsync(key);
        await Page.Keyboard.PressAsync("Enter");
    }

    public Task GoAsync(Uri host, string view = "") => Page.GotoAsync(new Uri(host, "api/dashboard#/" + view).AbsoluteUri);

    public Task SeesAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_faults);
    }
}
