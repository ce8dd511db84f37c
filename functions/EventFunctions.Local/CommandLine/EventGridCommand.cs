using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Functions;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.CommandLine;

/// <summary>
/// Serves what surrounds the functions, the local Event Grid and the sample producer, while the functions themselves run
/// under Core Tools and a debugger.
/// </summary>
/// <param name="terminal">Where its words go.</param>
internal sealed class EventGridCommand(Terminal terminal)
{
    /// <summary>Where it listens unless told otherwise: beside Core Tools.</summary>
    public const string DefaultUrls = "http://127.0.0.1:7072";

    /// <summary>
    /// The default access key of the topic. It is not secret: every process on this machine may publish, as with other emulators, and
    /// <c>local.settings.sample.json</c> can contain it.
    /// </summary>
    public const string TopicKey = "a2V5IG9mIHRoZSBsb2NhbCBFdmVudCBHcmlkLCBrbm93biB0byBhbGw=";

    /// <summary>Where Core Tools serve the functions unless told otherwise.</summary>
    public static readonly Uri DefaultFunctions = new("http://localhost:7071/");

    // For a person to copy: nothing here is for a web page.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Its data folder unless told otherwise, so that it leaves the whole host's alone.</summary>
    public static string DefaultDataDirectory => Path.Combine(DataFolder.Default, "eventgrid");

    /// <summary>Runs the command.</summary>
    /// <param name="options">The host to start, with <see cref="LocalHostOptions.FunctionsUrl"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        await using var host = await LocalHost.StartAsync(options, cancellationToken);
        var functions = options.FunctionsUrl ?? DefaultFunctions;
        Introduce(host, functions);
        Instruct(host, functions);
        terminal.Line();
        terminal.Line("Serving. Ctrl+C stops.");
        await host.WaitForStoppingAsync(cancellationToken);
        return 0;
    }

    private void Introduce(LocalHost host, Uri functions)
    {
        terminal.Line($"The local Event Grid listens on {host.Address}");
        terminal.Line();
        terminal.Line($"  Topic            {host.Configuration[LocalSettings.TopicEndpoint]}");
        terminal.Line($"  Delivers to      {new Uri(functions, $"{EventGridWebhook.Path}?functionName={nameof(Handlers.EnrichEvent)}")}");
        terminal.Line(LocalSettings.IsSampleEnabled(host.Configuration)
            ? $"  Sample producer  {new Uri(host.Address, "producer/policies/policy-42")} (source {SampleProducers.Source})"
            : "  Sample producer  off");
        terminal.Line($"  Data folder      {host.DataPath}");
        terminal.Line($"  Dead letters     {host.Configuration[LocalSettings.DeadLetterFolder]}");
    }

    private void Instruct(LocalHost host, Uri functions)
    {
        terminal.Line();
        terminal.Line("Put this into local.settings.json, next to host.json, and start the functions (see docs/debug.md):");
        terminal.Line();
        terminal.Lines(JsonSerializer.Serialize(
            new { IsEncrypted = false, Values = LocalSettings.ForFunctions(host, functions) }, Readable));
        terminal.Line();
        terminal.Line("Then send an event:");
        foreach (var line in Invitation.Lines(functions, new EventKey(SampleProducers.Source, Invitation.NewId("try")), needsKey: false))
        {
            terminal.Line($"  {line}");
        }
    }
}
