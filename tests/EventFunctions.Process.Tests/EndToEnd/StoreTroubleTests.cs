using System.Net;
using EventFunctions.Sqlite;
using EventFunctions.Tests.Contract;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>Never a 202 without a durable record, whatever is wrong with the store.</summary>
[Collection(HostProcesses.Name)]
public sealed class StoreTroubleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_another_process_has_locked_is_a_503_until_the_lock_is_gone()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var host = new HostProcess(folder.Path, producer.Registration(Service.Source));
        await host.StartAsync(Cancellation);
        using var client = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = host.Address };
        using var ledger = new Ledger(host.Address, Service.Source);
        await ledger.PostAsync(events: 1, Cancellation);

        using (var other = new SqliteConnection(folder.File("events.db"), SqliteDatabase.BusyTimeout))
        {
            Run(other, "BEGIN EXCLUSIVE");
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.PostAsync("/api/events", Service.Event($"locked-{i}"), Cancellation)));
            Assert.All(answers, IsUnavailable);
            Assert.Equal(1L, Run(other, "SELECT count(*) FROM records"));
            Run(other, "ROLLBACK");
        }

        // The same events again, now that they can be kept.
        var again = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.PostAsync("/api/events", Service.Event($"locked-{i}"), Cancellation)));
        Assert.All(again, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        await ledger.SettlesAsync(TimeSpan.FromMinutes(1), Cancellation);
        var records = await ledger.ReadAllAsync(Cancellation);
        Assert.Equal(21, records.Count);
        Assert.All(records.Values, record => Assert.Equal("completed", record.GetProperty("status").GetString()));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("read-only")]
    public async Task A_store_that_is_full_or_read_only_is_a_503_until_it_can_be_written_again(string trouble)
    {
        await using var service = await Service.StartAsync();
        var database = service.Host.Services.GetRequiredService<SqliteEventStore>().Database;

        // As many pages as there are, no more; what SQLite rejects then is what a full disk makes it reject.
        database.WriterOpened = connection => Run(connection, trouble == "full" ? "PRAGMA max_page_count=1" : "PRAGMA query_only=ON");
        var padding = $"\"{new string('x', 100_000)}\"";
        using var refused = await service.PostAsync(Service.Event("refused", padding));
        IsUnavailable(refused);
        using var refusedAgain = await service.PostAsync(Service.Event("refused", padding));
        IsUnavailable(refusedAgain);
        Assert.Empty(await service.ListAsync());

        database.WriterOpened = null;
        using var accepted = await service.PostAsync(Service.Event("refused", padding));
        await service.ReachesAsync("refused", "completed");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Contains("\"duplicate\":false", await accepted.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(["refused"], await service.ListAsync());
        Assert.Equal(1, service.Producer.Fetches["refused"]);
    }

    private static void IsUnavailable(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.InRange(answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    private static long Run(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql);
        return statement.Single(row => row.Int64(0));
    }
}
