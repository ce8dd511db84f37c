using EventFunctions.Tests.Cosmos;
using Microsoft.Playwright;

namespace EventFunctions.Tests.Dashboard;

/// <summary>The accessibility checker axe-core, for pages that are opened without their policy: it comes from outside.</summary>
internal sealed class Axe
{
    private const string Check = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
            .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(' | ')}`)
        """;

    private readonly string _script;

    private Axe(string script) => _script = script;

    /// <summary>Loads the checker; skips the test where packages cannot be installed.</summary>
    public static async Task<Axe> LoadAsync(CancellationToken cancellationToken)
    {
        var missing = await NodePackages.InstallAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
        return new(await File.ReadAllTextAsync(Path.Combine(NodePackages.Folder, "node_modules", "axe-core", "axe.min.js"), cancellationToken));
    }

    /// <summary>Finds nothing, and nothing is wider than the screen.</summary>
    public async Task FindsNothingAsync(IPage page)
    {
        await page.EvaluateAsync(_script);
        Assert.Empty(await page.EvaluateAsync<string[]>(Check));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{page.Url} is wider than the screen.");
    }
}
