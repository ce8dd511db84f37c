using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Infra.Upload;

/// <summary>
/// Deploys the code package and waits until the app runs it, for a limited time. Every request goes to the deployment site or
/// to Azure Resource Manager, neither of which the app's address restrictions concern.
/// </summary>
/// <param name="target">What is deployed where.</param>
/// <param name="azure">Sends requests.</param>
/// <param name="time">Measures the time, and waits.</param>
/// <param name="log">Where progress is reported.</param>
internal sealed class PackageUpload(UploadTarget target, AzureRequests azure, TimeProvider time, TextWriter log)
{
    /// <summary>How long all of it may take.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMinutes(15);

    // A role that was just given is in effect within minutes; one that is missing never is.
    private static readonly TimeSpan RefusalBudget = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StartBudget = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LogBudget = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const string Again = "Run 'pulumi up' again.";

    // What the line begins with that the app writes before it ends.
    private const string Fault = "EventFunctions: error: ";

    private const int Failed = 3;
    private const int Succeeded = 4;

    private readonly DateTimeOffset _started = time.GetUtcNow();

    private TimeSpan Elapsed => time.GetUtcNow() - _started;

    /// <summary>Deploys the package.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UploadException">It could not be deployed, or the app does not start.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var id = await PostAsync(cancellationToken);
        await log.WriteLineAsync($"The package was taken as deployment {id}.");
        await WaitForDeploymentAsync(id, cancellationToken);
        await log.WriteLineAsync("The package was deployed. Waiting for the app to start.");
        await WaitForStartAsync(cancellationToken);
        await log.WriteLineAsync($"The app runs {string.Join(", ", UploadTarget.Functions)}.");
    }

    private async Task<string> PostAsync(CancellationToken cancellationToken)
    {
        var url = new Uri(target.Scm, "api/publish?RemoteBuild=false&Deployer=eventfunctions");
        while (true)
        {
            var content = new StreamContent(File.OpenRead(target.Package)) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
            var response = await azure.SendAsync(HttpMethod.Post, url, content, cancellationToken);
            if (response.IsSuccess)
                return response.Json is { ValueKind: JsonValueKind.String } id ? id.GetString()! : "latest";

            switch (response.Status)
            {
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when Elapsed >= RefusalBudget:
                    throw new UploadException(
                        $"{target.App} refuses the package ({response}). Whoever runs pulumi up needs the role Contributor or Website Contributor on the app. {Again}");
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests
                    or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError or null:
                    await PauseOrGiveUpAsync($"{target.App} takes no package", response.ToString(), cancellationToken);
                    break;
                default:
                    throw new UploadException($"{target.App} refuses the package: {response}.");
            }
        }
    }

    private async Task WaitForDeploymentAsync(string id, CancellationToken cancellationToken)
    {
        var url = new Uri(target.Scm, $"api/deployments/{Uri.EscapeDataString(id)}");
        while (true)
        {
            var response = await azure.SendAsync(HttpMethod.Get, url, null, cancellationToken);
            switch (response is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } json } && json.TryGetProperty("status", out var status)
                && status.ValueKind == JsonValueKind.Number ? status.GetInt32() : -1)
            {
                case Succeeded:
                    return;
                case Failed:
                    var lines = await azure.SendAsync(HttpMethod.Get, new Uri($"{url.AbsoluteUri}/log"), null, cancellationToken);
                    throw new UploadException($"The deployment failed: {LastMessage(lines) ?? response.ToString()}. {Again}");
                default:
                    await PauseOrGiveUpAsync("The deployment does not end", response.ToString(), cancellationToken);
                    break;
            }
        }
    }

    // The functions' list alone may be that of the code before, and the host's state alone says nothing of functions.
    private async Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        var begun = Elapsed;
        var nextSync = begun + TimeSpan.FromMinutes(1);
        DateTimeOffset? inError = null;
        while (true)
        {
            var host = await azure.SendAsync(HttpMethod.Get, target.Manage("/hostruntime/admin/host/status"), null, cancellationToken);
            var error = HostError(host);
            inError = error is null ? null : inError ?? time.GetUtcNow();
            if (error is not null && (time.GetUtcNow() - inError >= StartBudget || Elapsed >= Budget))
                throw NoStart(await StartFaultAsync(cancellationToken) ?? error);

            var mayRun = IsRunning(host) || (Elapsed - begun >= StartBudget && IsUnreadable(host));
            var missing = error is null && mayRun ? await MissingFunctionsAsync(cancellationToken) : UploadTarget.Functions;
            if (missing.Count == 0 && IsRunning(host))
                return;

            if (missing.Count == 0)
            {
                await log.WriteLineAsync($"The host does not tell its state ({host}); the functions are there.");
                if (await StartFaultAsync(cancellationToken) is { } reason)
                    throw NoStart(reason);

                return;
            }

            if (Elapsed >= Budget)
            {
                throw await StartFaultAsync(cancellationToken) is { } fault
                    ? NoStart(fault)
                    : new UploadException(
                        $"After {Budget.TotalMinutes} minutes the app has no function {string.Join(", ", missing)} (host: {host}). Look at its log stream in the portal. {Again}");
            }

            if (Elapsed >= nextSync)
            {
                await azure.SendAsync(HttpMethod.Post, target.Manage("/syncfunctiontriggers"), null, cancellationToken);
                nextSync = Elapsed + TimeSpan.FromMinutes(1);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<string>> MissingFunctionsAsync(CancellationToken cancellationToken)
    {
        var response = await azure.SendAsync(HttpMethod.Get, target.Manage("/functions"), null, cancellationToken);
        var found = response is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } json } && json.TryGetProperty("value", out var list)
            ? list.EnumerateArray().Select(f => f.GetProperty("name").GetString()!.Split('/')[^1]).ToHashSet(StringComparer.OrdinalIgnoreCase)
            : [];
        return [.. UploadTarget.Functions.Where(name => !found.Contains(name))];
    }

    // The app writes why it ends as one line, which arrives with the log some minutes later.
    private async Task<string?> StartFaultAsync(CancellationToken cancellationToken)
    {
        var query = JsonSerializer.Serialize(new
        {
            query = $"AppTraces | where TimeGenerated > datetime({_started.UtcDateTime:O}) and Message contains '{Fault}' "
                + "| top 1 by TimeGenerated | project Message",
        });
        var until = time.GetUtcNow() + LogBudget;
        while (true)
        {
            var content = new StringContent(query, new MediaTypeHeaderValue("application/json"));
            var response = await azure.SendAsync(
                HttpMethod.Post, new Uri($"https://api.loganalytics.io/v1/workspaces/{target.Workspace}/query"), content, cancellationToken, "https://api.loganalytics.io/.default");
            if (FirstCell(response) is { } line)
                return line[(line.IndexOf(Fault, StringComparison.Ordinal) + Fault.Length)..].Trim();

            if (time.GetUtcNow() >= until || response.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return null;

            await Task.Delay(Pause * 3, time, cancellationToken);
        }
    }

    private async Task PauseOrGiveUpAsync(string what, string response, CancellationToken cancellationToken)
    {
        if (Elapsed >= Budget)
            throw new UploadException($"{what} within {Budget.TotalMinutes} minutes: {response}. {Again}");

        await Task.Delay(Pause, time, cancellationToken);
    }

    private static UploadException NoStart(string reason) => new($"The app does not start: {reason.TrimEnd('.')}. Mend that. {Again}");

    // Answered by Azure Resource Manager instead of the host.
    private static bool IsUnreadable(AzureResponse host) => (int?)host.Status is >= 400 and < 500;

    private static bool IsRunning(AzureResponse host) =>
        host is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } json } && json.TryGetProperty("state", out var state) && state.ValueEquals("Running");

    private static string? HostError(AzureResponse host) =>
        host is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } json }
        && json.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
            ? string.Join(' ', errors.EnumerateArray().Select(e => e.ToString()))
            : null;

    private static string? LastMessage(AzureResponse log) =>
        log.Json is { ValueKind: JsonValueKind.Array } entries && entries.GetArrayLength() > 0 && entries[entries.GetArrayLength() - 1].TryGetProperty("message", out var message)
            ? message.ToString().TrimEnd('.')
            : null;

    private static string? FirstCell(AzureResponse response) =>
        response is { IsSuccess: true, Json: { ValueKind: JsonValueKind.Object } json } && json.TryGetProperty("tables", out var tables)
        && tables.GetArrayLength() > 0 && tables[0].GetProperty("rows") is { } rows && rows.GetArrayLength() > 0
            ? rows[0][0].GetString()
            : null;
}
