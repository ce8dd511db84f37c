using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Faults;

/// <summary>The system calls of the built host.</summary>
[Collection(HostProcesses.Name)]
public sealed partial class SyncOrderTests
{
    private const int Posts = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_202_is_sent_after_the_sync_of_the_log_that_holds_its_event()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "Needs strace.");
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder());
        await scenario.Ledger.PostAsync(events: 1, Cancellation);
        await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var trace = scenario.Folder.File("trace");
        using var strace = Process.Start(new ProcessStartInfo(
            "/usr/bin/strace",
            ["-f", "-y", "-s", "60", "-e", "trace=fsync,fdatasync,pwrite64,recvmsg,recvfrom,sendmsg,sendto,read,write,writev", "-o", trace, "-p", scenario.Host.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        })!;
        Assert.SkipUnless((await strace.StandardError.ReadLineAsync(Cancellation))?.Contains("attached", StringComparison.Ordinal) == true, "Processes cannot be traced here.");
        var draining = strace.StandardError.ReadToEndAsync(Cancellation);

        // One after the other, and each only when the one before has ended: then all that is written in between is the event.
        for (var post = 0; post < Posts; post++)
        {
            await scenario.Ledger.PostAsync(events: 1, Cancellation);
            await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        }

        using (Process.Start("kill", ["-INT", strace.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await strace.WaitForExitAsync(Cancellation);
        }

        await draining;
        var story = Story(await File.ReadAllLinesAsync(trace, Cancellation));
        Assert.Equal(Posts, AcceptedAfterSync().Count(story));
        Assert.Equal(Posts, story.Count(step => step == 'A'));
    }

    // P: a POST came in; W: a write to the log began; S: a sync of the log ended; A: the sending of a 202 began.
    private static string Story(string[] trace)
    {
        var syncing = new HashSet<string>(StringComparer.Ordinal);
        var story = new List<char>();
        foreach (var line in trace)
        {
            var thread = line.Split(' ', 2)[0];
            if (line.Contains("POST /api/events", StringComparison.Ordinal) && !line.Contains("send", StringComparison.Ordinal))
            {
                story.Add('P');
            }
            else if (line.Contains("HTTP/1.1 202", StringComparison.Ordinal))
            {
                story.Add('A');
            }
            else if (line.Contains("pwrite64(", StringComparison.Ordinal) && line.Contains("events.db-wal", StringComparison.Ordinal))
            {
                story.Add('W');
            }
            else if (SyncOfLog().IsMatch(line))
            {
                if (line.EndsWith("= 0", StringComparison.Ordinal))
                {
                    story.Add('S');
                }
                else
                {
                    syncing.Add(thread);
                }
            }
            else if (line.Contains("sync resumed", StringComparison.Ordinal) && syncing.Remove(thread) && line.EndsWith("= 0", StringComparison.Ordinal))
            {
                story.Add('S');
            }
        }

        return new string([.. story]);
    }

    [GeneratedRegex("PW+SA")]
    private static partial Regex AcceptedAfterSync();

    [GeneratedRegex(@"f(data)?sync\(\d+<[^>]*events\.db-wal>")]
    private static partial Regex SyncOfLog();
}
