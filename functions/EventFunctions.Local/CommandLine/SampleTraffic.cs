using System.Globalization;
using EventFunctions.Local.Demo;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Local.CommandLine;

/// <summary>The sample producers go about their business while the host serves, so that there is something to watch.</summary>
/// <param name="api">The service.</param>
/// <param name="time">The clock.</param>
internal sealed class SampleTraffic(EventsApi api, TimeProvider time)
{
    // Enough for whoever looks, and little enough for a host that is left alone for days.
    private const int Events = 120;

    // Few enough that each gets a history, and none that the rest of the sample speaks of.
    private const int FirstPolicy = 100;
    private const int Policies = 12;

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    /// <summary>How often something happens.</summary>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="HostStartException">The setting is no length of time, negative, or longer than a day.</exception>
    public static TimeSpan Every(IConfiguration configuration) => configuration[LocalSettings.SampleEvery] switch
    {
        null or "" => Default,
        var text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.Zero && every <= Most => every,
        var text => throw new HostStartException($"{LocalSettings.SampleEvery} is \"{text}\", but must be a duration up to a day, 0 for never; example: 00:00:05."),
    };

    /// <summary>The description of the traffic.</summary>
    /// <param name="every">How often.</param>
    public static string Announce(TimeSpan every) => every > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"The sample producers send {Events} more events, one every {every.TotalSeconds:0.###} s ({LocalSettings.SampleEvery}). ")
        : "";

    /// <summary>Sends until all is sent, or it is stopped: two events of three are posted, the third is put into the feed.</summary>
    /// <param name="every">How often.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(TimeSpan every, CancellationToken cancellationToken)
    {
        if (every == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(every, time);
        try
        {
            for (var number = 0; number < Events && await timer.WaitForNextTickAsync(cancellationToken); number++)
            {
                await SendAsync(number, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task SendAsync(int number, CancellationToken cancellationToken)
    {
        var isPosted = number % 3 != 2;
        var sent = new DemoEvent(
            Invitation.NewId(isPosted ? "sample" : "feed"),
            isPosted ? SampleProducers.Source : SampleProducers.FeedSource,
            SampleProducers.Types[number % SampleProducers.Types.Count],
            PolicyDocument.Subject(FirstPolicy + (number % Policies)));
        try
        {
            await (isPosted ? api.PostAsync(sent, cancellationToken) : api.AppendToFeedAsync([sent], cancellationToken));
        }
        catch (HttpRequestException)
        {
            // The host has something better to do; the next one will get through.
        }
    }
}
