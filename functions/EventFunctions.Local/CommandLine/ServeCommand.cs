using EventFunctions.Local.Demo;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.CommandLine;

/// <summary>Runs the host until it is stopped, and first shows one event from its notification to its completion.</summary>
/// <param name="terminal">Where its words go.</param>
internal sealed class ServeCommand(Terminal terminal)
{
    /// <summary>Runs the command.</summary>
    /// <param name="options">The host to start.</param>
    /// <param name="opens">Whether to open the dashboard in a browser.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(LocalHostOptions options, bool opens, CancellationToken cancellationToken)
    {
        await using var host = await LocalHost.StartAsync(options, cancellationToken);
        var sample = LocalSettings.IsSampleEnabled(host.Configuration);
        var every = sample ? SampleTraffic.Every(host.Configuration) : TimeSpan.Zero;
        var link = host.Services.GetRequiredService<SignIn>().CreateLink(host.Address);
        Introduce(host, link, sample);
        if (opens)
        {
            terminal.Open(link);
        }

        if (sample)
        {
            await new SampleNotification(terminal).ShowAsync(host, host.Stopping);
        }

        terminal.Line();
        terminal.Line($"Serving. {SampleTraffic.Announce(every)}Ctrl+C stops.");
        using var api = new EventsApi(host.Address, host.Configuration[FunctionKeys.HostSetting]);
        var traffic = new SampleTraffic(api, host.Services.GetRequiredService<TimeProvider>()).RunAsync(every, host.Stopping);
        await host.WaitForStoppingAsync(cancellationToken);
        terminal.Line(host.Services.GetRequiredService<WorkInProgress>().Describe() is { } rest
            ? $"Stopping: finishing {rest}. Ctrl+C again stops at once; the rest continues after the next start."
            : "Stopping. Accepted events that are not completed continue after the next start.");
        await traffic;
        return 0;
    }

    private void Introduce(LocalHost host, Uri link, bool sample)
    {
        terminal.Line($"EventFunctions listens on {host.Address}");
        terminal.Line();
        terminal.Line($"  Dashboard        {link}");
        terminal.Line($"                   (the link signs in one browser, once, within {SignIn.Lifetime.TotalMinutes} minutes; a restart prints a new link)");
        terminal.Line($"  API              {new Uri(host.Address, "api/events")}, described at {new Uri(host.Address, "api/docs")}");
        terminal.Line($"  Topic            {host.Configuration[LocalSettings.TopicEndpoint]}");
        terminal.Line($"  Data folder      {host.DataPath}");
        terminal.Line($"  Administration   {new Uri(host.Address, "api/producers")} with x-admin-key: {AdministrationKey(host)}");
        terminal.Line($"  Dead letters     {host.Configuration[LocalSettings.DeadLetterFolder]}");
        terminal.Line(sample
            ? $"  Sample producer  {new Uri(host.Address, "producer/policies/policy-42")} (source {SampleProducers.Source})"
            : "  Sample producer  off");
        if (sample)
        {
            terminal.Line($"  Its feed         {new Uri(host.Address, "producer/feed")} (source {SampleProducers.FeedSource})");
        }
    }

    // Where the key is, and not the key: what is said here ends up in logs.
    private static string AdministrationKey(LocalHost host)
    {
        var file = Path.Combine(host.DataPath, LocalSettings.AdministrationKeyFile);
        return File.Exists(file) && File.ReadAllText(file).Trim() == host.Configuration[LocalSettings.AdministrationKey]
            ? $"$(cat {file})"
            : $"the value of {LocalSettings.AdministrationKey}";
    }
}
