using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using EventFunctions.Sqlite;
using EventFunctions.Telemetry;

namespace EventFunctions.Local.SampleProducer;

/// <summary>
/// Who fetched what: counts per subject since the start and, where a file is named, a line per fetch that is the
/// operating system's before the answer goes out, so that it survives the process.
/// </summary>
public sealed class FetchLog : IDisposable
{
    // Beyond this many subjects only the total goes on: a producer that runs for weeks must not eat the machine.
    private const int MaxSubjects = 1_000_000;

    private readonly ConcurrentDictionary<string, int> _subjects = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly FileStream? _file;
    private readonly TimeProvider _time;
    private long _total;
    private int _known;

    /// <summary>Begins a log.</summary>
    /// <param name="time">The clock of the lines.</param>
    /// <param name="path">The file to append to; null or empty keeps no lines.</param>
    public FetchLog(TimeProvider time, string? path)
    {
        _time = time;
        _file = string.IsNullOrEmpty(path) ? null : PrivateFiles.OpenOrCreate(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>All fetches so far.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>The fetches of each subject so far.</summary>
    public IReadOnlyDictionary<string, int> Subjects => _subjects;

    /// <summary>Notes a fetch.</summary>
    /// <param name="subject">What was fetched.</param>
    /// <param name="eventId">For which event, as the fetch says.</param>
    public void Record(string subject, string? eventId)
    {
        Interlocked.Increment(ref _total);
        if (_subjects.TryGetValue(subject, out _) || Interlocked.Increment(ref _known) <= MaxSubjects)
        {
            _subjects.AddOrUpdate(subject, 1, (_, count) => count + 1);
        }

        if (_file is not null)
        {
            var line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():O} {SafeText.Of(subject)} {Escape(eventId)}\n"));
            lock (_lock)
            {
                _file.Write(line);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // One fetch, one line, whatever the ID holds.
    private static string Escape(string? eventId) => Uri.EscapeDataString(eventId ?? "");
}
