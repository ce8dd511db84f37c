using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Local.Demo;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Records;

namespace EventFunctions.Local.CommandLine;

/// <summary>Sends one notification as a producer would, and shows its timeline until it completes.</summary>
/// <param name="terminal">Where its words go.</param>
internal sealed class SampleNotification(Terminal terminal)
{
    private const string Type = "policy.renewed";
    private const string Subject = "policy-42";
    private const string FeedSubject = "policy-43";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends the notification and shows its timeline. Reports failures without throwing.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellationToken">Ends the show.</param>
    public async Task ShowAsync(LocalHost host, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        using var api = new EventsApi(host.Address, host.Configuration[FunctionKeys.HostSetting]);
        var key = new EventKey(SampleProducers.Source, Invitation.NewId("sample"));
        terminal.Line();
        terminal.Line($"A producer posts: {Subject} was renewed ({Type}, id {key.Id}).");
        try
        {
            var answer = await api.PostAsync(new DemoEvent(key.Id, key.Source, Type, Subject), timeout.Token);
            if (answer.Status != 202)
            {
                terminal.Line($"The notification was not accepted: {answer.Status} {answer.Detail}");
                return;
            }

            ShowTimeline(await FollowAsync(api, key, timeout.Token));
            key = new EventKey(SampleProducers.FeedSource, Invitation.NewId("feed"));
            await PullAsync(api, key, timeout.Token);
            Invite(host);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops; there is nothing more to show.
        }
        catch (OperationCanceledException)
        {
            terminal.Line($"It is not complete after {Patience.TotalSeconds:0} s; see {EventPath.ForRecord(key)}.");
        }
        catch (HttpRequestException e)
        {
            terminal.Line($"Could not follow the notification: {e.Message}");
        }
    }

    private static async Task<EventView> FollowAsync(EventsApi api, EventKey key, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await api.FindAsync(key, cancellationToken) is { IsFinal: true } record)
            {
                return record;
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    // A producer that is asked, where the first one asked to be heard.
    private async Task PullAsync(EventsApi api, EventKey key, CancellationToken cancellationToken)
    {
        terminal.Line();
        terminal.Line($"A producer's feed says: {FeedSubject} was renewed ({Type}, id {key.Id}).");
        await api.AppendToFeedAsync([new DemoEvent(key.Id, key.Source, Type, FeedSubject)], cancellationToken);
        ShowTimeline(await FollowAsync(api, key, cancellationToken));
    }

    private void ShowTimeline(EventView record)
    {
        var start = record.Timeline.Count > 0 ? record.Timeline[0].At : record.RecordedAt;
        terminal.Table(
            ["after", "what", "detail"],
            [.. record.Timeline.Select(entry => (IReadOnlyList<string>)
                [string.Create(CultureInfo.InvariantCulture, $"{(entry.At - start).TotalMilliseconds:0} ms"), entry.What, entry.Detail ?? ""])]);
        if (record.Status != "completed")
        {
            terminal.Line($"It ended {record.Status}: {record.Reason}");
        }
    }

    private void Invite(LocalHost host)
    {
        var needsKey = host.Services.GetService(typeof(FunctionKeys)) is FunctionKeys { Required: true };
        terminal.Line();
        terminal.Line("Now you:");
        foreach (var line in Invitation.Lines(host.Address, new EventKey(SampleProducers.Source, Invitation.NewId("try")), needsKey))
        {
            terminal.Line($"  {line}");
        }

        if (host.Configuration[SampleProducers.MessageSecret] is { Length: > 0 } secret)
        {
            terminal.Line("And a signed message of a producer that does not use CloudEvents:");
            terminal.Line($"  {Invitation.Message(host.Address, secret)}");
        }
    }
}
