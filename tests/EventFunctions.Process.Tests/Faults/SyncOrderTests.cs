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
            ["-f", "-y", "-s", "8192", "-e", "trace=fsync,fdatasync,pwrite64,recvmsg,recvfrom,sendmsg,sendto,read,write,writev", "-o", trace, "-p", scenario.Host.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        })!;
        Assert.SkipUnless((await strace.StandardError.LineAsync())?.Contains("attached", StringComparison.Ordinal) == true, "Processes cannot be traced here.");
        var draining = strace.StandardError.RestAsync();

        var ids = new List<string>();
        for (var post = 0; post < Posts; post++)
        {
            var before = scenario.Ledger.Accepted.ToList();
            await scenario.Ledger.PostAsync(events: 1, Cancellation);
            ids.AddRange(scenario.Ledger.Accepted.Except(before));
        }

        using (Process.Start("kill", ["-INT", strace.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await strace.EndsAsync();
        }

        await draining;
        var calls = new TracedCalls(await File.ReadAllLinesAsync(trace, Cancellation));
        Assert.Equal(Posts, calls.Accepted.Count);
        Assert.All(ids.Zip(calls.Accepted), post =>
        {
            var written = calls.FirstWriteOf(post.First);
            Assert.InRange(written, 0, post.Second);
            Assert.Contains(calls.Syncs, sync => sync.Start > written && sync.End < post.Second);
        });
    }

    /// <summary>The calls of a trace, by their lines.</summary>
    private sealed class TracedCalls
    {
        private readonly string[] _lines;

        public TracedCalls(string[] lines)
        {
            _lines = lines;
            var begun = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (number, line) in lines.Index())
            {
                var thread = line.Split(' ', 2)[0];
                var succeeds = line.EndsWith("= 0", StringComparison.Ordinal);
                if (line.Contains("HTTP/1.1 202", StringComparison.Ordinal))
                {
                    Accepted.Add(number);
                }
                else if (SyncOfLog().IsMatch(line))
                {
                    begun[thread] = number;
                    AddIf(succeeds, number, number);
                }
                else if (line.Contains("sync resumed", StringComparison.Ordinal) && begun.Remove(thread, out var start))
                {
                    AddIf(succeeds, start, number);
                }
            }
        }

        /// <summary>Where the sending of each 202 begins.</summary>
        public List<int> Accepted { get; } = [];

        /// <summary>Where each sync of the log that succeeds begins and ends.</summary>
        public List<(int Start, int End)> Syncs { get; } = [];

        /// <summary>Returns where an event is first written to the log; -1 if it is not.</summary>
        public int FirstWriteOf(string id) => Array.FindIndex(_lines, line =>
            line.Contains("pwrite64(", StringComparison.Ordinal) && line.Contains("events.db-wal", StringComparison.Ordinal) && Regex.IsMatch(line, Regex.Escape(id) + "[^0-9]"));

        private void AddIf(bool succeeds, int start, int end)
        {
            if (succeeds)
            {
                Syncs.Add((start, end));
            }
        }
    }

    [GeneratedRegex(@"f(data)?sync\(\d+<[^>]*events\.db-wal>")]
    private static partial Regex SyncOfLog();
}
