using Pulumi;
using Path = System.IO.Path;

namespace EventFunctions.Infra.Upload;

/// <summary>The command by which <c>pulumi up</c> deploys the code: this program itself, with other arguments.</summary>
internal static class UploadCommand
{
    /// <summary>The first argument.</summary>
    public const string Name = "upload";

    /// <summary>Returns the command line.</summary>
    /// <param name="placement">Where the app is.</param>
    /// <param name="app">The app's name.</param>
    /// <param name="workspace">The ID of the workspace that has the app's log.</param>
    /// <param name="package">The package.</param>
    public static Output<string> Line(Placement placement, Output<string> app, Output<string> workspace, CodePackage package) => Output.Format(
        $"dotnet {Program()} {Name} --subscription {placement.SubscriptionId} --resource-group {placement.ResourceGroup} --app {app} --workspace {workspace} --package {package.Path}");

    /// <summary>Runs the command.</summary>
    /// <param name="args">What comes after its name.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(3) };
        try
        {
            var azure = new AzureRequests(client, DeployerCredential.Create(Environment.GetEnvironmentVariable, client));
            await new PackageUpload(UploadTarget.Parse(args), azure, TimeProvider.System, Console.Out).RunAsync(CancellationToken.None);
            return 0;
        }
        catch (UploadException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    // Relative, so that another operator's folder does not make the command another one.
    private static string Program() => Path.GetRelativePath(".", typeof(UploadCommand).Assembly.Location).Replace('\\', '/');
}
