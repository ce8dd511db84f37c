namespace EventFunctions.Infra.Upload;

/// <summary>What is deployed where.</summary>
/// <param name="Subscription">The ID of the Azure subscription.</param>
/// <param name="ResourceGroup">The resource group's name.</param>
/// <param name="App">The function app's name.</param>
/// <param name="Workspace">The ID of the Log Analytics workspace that has the app's log.</param>
/// <param name="Package">The zip file.</param>
internal sealed record UploadTarget(string Subscription, string ResourceGroup, string App, string Workspace, string Package)
{
    /// <summary>The functions that Event Grid asks when it is subscribed, and so have to be there.</summary>
    public static IReadOnlyList<string> Functions { get; } = [Service.EnrichFunction, Service.DeadLetterFunction];

    /// <summary>The address of the site that takes code; it has no address restrictions.</summary>
    public Uri Scm => new($"https://{App}.scm.azurewebsites.net/");

    /// <summary>An address of the app in Azure Resource Manager, which the app's address restrictions do not concern.</summary>
    /// <param name="path">What of the app; it begins with a slash.</param>
    public Uri Manage(string path) => new(
        $"https://management.azure.com/subscriptions/{Subscription}/resourceGroups/{ResourceGroup}/providers/Microsoft.Web/sites/{App}{path}?api-version=2024-04-01");

    /// <summary>Reads a command line.</summary>
    /// <param name="args">Names, each with its value after it.</param>
    /// <exception cref="UploadException">Something is missing.</exception>
    public static UploadTarget Parse(IReadOnlyList<string> args)
    {
        var values = args.Chunk(2).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return new(Get("--subscription"), Get("--resource-group"), Get("--app"), Get("--workspace"), Get("--package"));

        string Get(string name) => values.GetValueOrDefault(name) ?? throw new UploadException($"{name} is missing; pulumi up runs this command itself.");
    }
}
