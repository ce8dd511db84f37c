using EventFunctions.Sqlite;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.Stores;

/// <summary>What an embedded store says at its start about commits that its files no longer have.</summary>
public sealed class CommitCountTests : IAsyncLifetime
{
    private const int Commits = 6;

    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger<SqliteEventStore> _log = new();
    private SqliteEventStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SqliteEventStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _store = Open("live");
        for (var i = 0; i < Commits; i++)
        {
            await Store.CreateAsync([StoreSamples.Record($"{i}")], Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_start_after_a_crash_says_nothing_if_all_is_there()
    {
        await using var restarted = Open(Crashed("copy"));

        Assert.NotNull(await restarted.ReadAsync(StoreSamples.Record($"{Commits - 1}").Key, Cancellation));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task A_start_with_one_flipped_bit_in_the_log_says_how_many_commits_are_lost()
    {
        var folder = Crashed("copy");
        await using (var log = File.Open(PathIn(folder, "-wal"), FileMode.Open))
        {
            log.Position = log.Length - 1_000;
            var flipped = (byte)(log.ReadByte() ^ 1);
            log.Position--;
            log.WriteByte(flipped);
        }

        await using var restarted = Open(folder);

        Assert.Null(await restarted.ReadAsync(StoreSamples.Record($"{Commits - 1}").Key, Cancellation));
        var (level, text) = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Critical, level);
        Assert.Contains("has lost commits at its end (1)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_with_an_older_copy_says_so_until_something_is_written()
    {
        var folder = Crashed("copy");
        await Store.CreateAsync([StoreSamples.Record("later")], Cancellation);
        File.Copy(PathIn("live", CommitCount.Suffix), PathIn(folder, CommitCount.Suffix), overwrite: true);

        await using (var restored = Open(folder))
        {
            Assert.Single(_log.Lines);
            await restored.CreateAsync([StoreSamples.Record("new")], Cancellation);
        }

        await using var again = Open(folder);
        Assert.Single(_log.Lines);
    }

    private SqliteEventStore Open(string folder) =>
        new(new SqliteDatabase(PathIn(folder, ""), StoreSchema.Migrations), TimeProvider.System, sweepEvery: TimeSpan.FromMinutes(1), _log);

    private string PathIn(string folder, string suffix) => Path.Combine(_folder.Path, folder, "events.db" + suffix);

    // The files as a killed process leaves them.
    private string Crashed(string folder)
    {
        PrivateFiles.CreateFolder(Path.Combine(_folder.Path, folder));
        foreach (var suffix in (string[])["", "-wal", CommitCount.Suffix])
        {
            File.Copy(PathIn("live", suffix), PathIn(folder, suffix));
        }

        return folder;
    }
}
