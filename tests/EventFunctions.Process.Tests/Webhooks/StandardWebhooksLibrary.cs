using System.Diagnostics;
using System.Text.Json;
using EventFunctions.Tests.Cosmos;

namespace EventFunctions.Tests.Webhooks;

/// <summary>The specification's own library, from npm.</summary>
internal static class StandardWebhooksLibrary
{
    /// <summary>Sees to it that the library is there; skips the test where it is not to be had.</summary>
    public static async Task InstallAsync()
    {
        var missing = await NodePackages.InstallAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <summary>Verifies messages.</summary>
    /// <returns>For each message <c>verified</c> and what it says, or why it is refused.</returns>
    public static async Task<string[]> VerifyAsync(params SignedMessage[] messages)
    {
        var output = await RunAsync("standardwebhooks.js", JsonSerializer.Serialize(messages, JsonSerializerOptions.Web));
        return JsonSerializer.Deserialize<string[]>(output)!;
    }

    /// <summary>Runs a script beside the packages.</summary>
    /// <param name="script">The script's file.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>What it writes.</returns>
    public static async Task<string> RunAsync(string script, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = NodePackages.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.RestAsync(), process.StandardError.RestAsync());
        await process.StandardInput.WriteAsync(input.AsMemory(), TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.EndsAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}

/// <summary>A message as a receiver has it.</summary>
/// <param name="Secret">The receiver's secret.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body, in base64.</param>
internal sealed record SignedMessage(string Secret, Dictionary<string, string> Headers, byte[] Body)
{
    public SignedMessage With(string header, string value) => this with { Headers = new(Headers) { [header] = value } };
}
