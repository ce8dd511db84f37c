using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Enrichment;
using Microsoft.Extensions.Logging;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

public sealed class DeadLetterRecorderTests
{
    private const string Source = "/insurance/policies";
    private const string BlobCreated = "Microsoft.Storage.BlobCreated";
    private static readonly DateTimeOffset GivenUp = new(2026, 3, 2, 12, 30, 0, TimeSpan.Zero);

    private readonly StoreDouble _store = new();
    private readonly IDocumentStore _documents = Substitute.For<IDocumentStore>();
    private readonly BlobsDouble _blobs = new();
    private readonly ListLogger<DeadLetterRecorder> _log = new();
    private readonly ListLogger<FailureLog> _failures = new();
    private readonly DeadLetterRecorder _recorder;

    public DeadLetterRecorderTests() => _recorder = new DeadLetterRecorder(
        _store.Port, new EntityLinks(_documents), Substitute.For<IProducerRegistry>(), new RetentionPolicy(TimeSpan.FromDays(9), null), _blobs, TestNotices.Failures(Substitute.For<IEventPublisher>(), TimeProvider.System, _failures), _log);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deadletterreason", "deliveryattempts", "lastdeliveryoutcome", "publishtime", "lastdeliveryattempttime")]
    [InlineData("deadLetterReason", "deliveryAttempts", "lastDeliveryOutcome", "publishTime", "lastDeliveryAttemptTime")]
    public async Task A_letter_of_the_enrichment_ends_the_run_in_either_spelling(string reason, string attempts, string outcome, string published, string tried)
    {
        Records("42");
        _blobs.Content = $$"""
            [{"specversion":"1.0","id":"42","source":"{{Source}}","type":"policy.renewed","data":{"deep":[[[]]]},
            "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "{{reason}}":"MaxDeliveryAttemptsExceeded","{{attempts}}":30,"{{outcome}}":"NotFound",
            "{{published}}":"2026-03-01T12:00:00.1234567Z","{{tried}}":"2026-03-02T12:30:00Z"}]
            """;

        await RecordAsync("enrichment");

        var record = _store[Key("42")];
        Assert.Equal((EventStatus.DeadLettered, "MaxDeliveryAttemptsExceeded"), (record.Status, record.Reason));
        Assert.Equal(
            new TimelineEntry(GivenUp, TimelineStep.DeadLettered)
            {
                Detail = "MaxDeliveryAttemptsExceeded after 30 attempts; last outcome: NotFound",
                Attempt = 30,
                TraceId = "4bf92f3577b34da6a3ce929d0e0e4736",
            },
            record.Timeline[^1]);
    }

    [Fact]
    public async Task A_letter_in_the_Event_Grid_schema_names_its_source_and_type_as_that_does()
    {
        _store[new EventKey("/topics/t", "42")] = Record("42") with { Event = new EventNotification { Id = "42", Source = "/topics/t", Type = "t" } };
        _blobs.Content = """
            [{"id":"42","topic":"/topics/t","subject":"s","eventType":"t","deadLetterReason":"TimeToLiveExceeded","deliveryAttempts":1,"publishTime":"2026-03-02T12:30:00Z"}]
            """;

        await RecordAsync("enrichment");

        Assert.Equal("TimeToLiveExceeded", _store[new EventKey("/topics/t", "42")].Reason);
    }

    [Fact]
    public async Task A_letter_of_an_earlier_run_changes_nothing()
    {
        _store[Key("42")] = Record("42") with { Run = 1 };
        _blobs.Content = $"[{Letter("42")}]";

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.Recorded, _store[Key("42")].Status);
        Assert.Single(_store[Key("42")].Timeline);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"2\"")]
    public async Task A_letter_of_the_current_run_says_so_by_the_replay_attribute(string replay)
    {
        _store[Key("42")] = Record("42") with { Run = 2 };
        _blobs.Content = $"[{Letter("42", $"\"replay\":{replay},")}]";

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.DeadLettered, _store[Key("42")].Status);
        Assert.Equal(2, _store[Key("42")].Timeline[^1].Run);
    }

    [Fact]
    public async Task A_letter_of_an_event_that_is_completed_changes_nothing()
    {
        _store[Key("42")] = Record("42") with { Status = EventStatus.Completed };
        _blobs.Content = $"[{Letter("42")}]";

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.Completed, _store[Key("42")].Status);
    }

    [Theory]
    [InlineData("42", "policy.renewed", 0, "crm: Undeliverable")]
    [InlineData("42:enriched", "policy.renewed.enriched", 0, "crm, enriched event: Undeliverable")]
    [InlineData("42:enriched:3", "policy.renewed.enriched", 3, "crm, enriched event: Undeliverable")]
    public async Task A_consumers_letter_is_noted_on_the_event_it_belongs_to_and_changes_no_status(string id, string type, int run, string detail)
    {
        _store[Key("42")] = Record("42") with { Run = 5, Status = EventStatus.Completed };
        _blobs.Content = $"[{Letter(id, type: type)}]";

        await RecordAsync("crm");

        var record = _store[Key("42")];
        Assert.Equal((EventStatus.Completed, 5), (record.Status, record.Run));
        Assert.Equal(
            new TimelineEntry(GivenUp, TimelineStep.ConsumerDeadLettered, run) { Detail = detail + " after 1 attempt", Attempt = 1 }, record.Timeline[^1]);
    }

    [Fact]
    public async Task A_failure_is_logged_for_each_event_that_ends_by_a_letter_and_for_no_other()
    {
        Records("a", "b");
        _store[Key("b")] = Record("b") with { Status = EventStatus.Completed };
        _blobs.Content = $"[{Letter("b")},{Letter("a")}]";

        await RecordAsync("crm");
        await RecordAsync("enrichment");

        Assert.Contains("Event a: Undeliverable", Assert.Single(_failures.Lines).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("Ignoring", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_blob_again_changes_nothing_and_notes_nothing_twice()
    {
        Records("a", "b");
        _blobs.Content = $"[{Letter("a")},{Letter("b")},{Letter("a:enriched", type: "t.enriched")}]";

        await RecordAsync("crm");
        await RecordAsync("crm");
        await RecordAsync("enrichment");
        var before = _store.Records;
        await RecordAsync("enrichment");

        Assert.Equal(before, _store.Records);
        Assert.Equal(2, _store[Key("a")].Timeline.Count(entry => entry.What == TimelineStep.ConsumerDeadLettered && entry.Detail!.StartsWith("crm", StringComparison.Ordinal)));
        Assert.Single(_store[Key("b")].Timeline, entry => entry.What == TimelineStep.ConsumerDeadLettered);
        Assert.Single(_store[Key("b")].Timeline, entry => entry.What == TimelineStep.DeadLettered);
    }

    [Fact]
    public async Task A_store_that_fails_on_the_way_has_the_blob_read_again_and_then_all_is_recorded_once()
    {
        string[] ids = [.. Enumerable.Range(0, 60).Select(i => $"e{i}")];
        Records(ids);
        _blobs.Content = $"[{string.Join(',', ids.Select(id => Letter(id)))}]";
        var calls = 0;
        _store.Before = _ => FailAt(Interlocked.Increment(ref calls), 25);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => RecordAsync("crm"));
        Assert.Contains(_store.Records, record => record.Timeline.Length == 1);
        await RecordAsync("crm");

        Assert.All(_store.Records, record => Assert.Equal(2, record.Timeline.Length));
    }

    [Fact]
    public async Task A_letter_that_the_store_will_never_take_does_not_keep_the_others()
    {
        Records("a", "b", "c");
        _blobs.Content = $"[{Letter("a")},{Letter("b")},{Letter("c")}]";
        _store.Port.PatchAsync(Key("b"), Arg.Any<RecordPatch>(), Arg.Any<CancellationToken>())
            .Returns<PatchOutcome>(_ => throw new InvalidOperationException("400"));

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.DeadLettered, _store[Key("a")].Status);
        Assert.Equal(EventStatus.DeadLettered, _store[Key("c")].Status);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("event b of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Foreign_events_and_what_is_no_letter_are_warned_of_and_store_nothing()
    {
        Records("a");
        string[] odd =
        [
            "1", "null", "\"text\"", "[]", "{}", """{"id":"x"}""", """{"id":1,"source":"/s","type":"t"}""", Letter("foreign"), Letter(""),
            Letter("x", "\"replay\":-1,"), Letter(new string('x', 2_000)), Letter("no-run:enriched:x", type: "t.enriched"), Letter("plain", type: "t.enriched"),
            """{"id":"a","source":"/insurance/policies","type":"t","deadletterreason":"no time"}""", """{"id":"\ud800","source":"/s","type":"t","publishtime":"2026-03-02T12:30:00Z"}""",
        ];
        _blobs.Content = $"[{string.Join(',', odd)},{Letter("a")}]";

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.DeadLettered, _store[Key("a")].Status);
        Assert.Single(_store.Records);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Warning && line.Text.StartsWith($"Ignoring {odd.Length} dead letters in the blob", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("not JSON", 0)]
    [InlineData("{}", 0)]
    [InlineData("[LETTER", 1)]
    [InlineData("[LETTER,{\"id\":", 1)]
    public async Task A_blob_that_is_no_JSON_array_is_recorded_as_far_as_it_goes_and_acknowledged_with_an_error(string content, int recorded)
    {
        Records("a");
        _blobs.Content = content.Replace("LETTER", Letter("a"), StringComparison.Ordinal);

        await RecordAsync("enrichment");

        Assert.Equal(recorded, _store.Records.Count(record => record.Status == EventStatus.DeadLettered));
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("not a JSON array of events", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_is_too_large_is_read_up_to_the_limit_and_acknowledged_with_an_error()
    {
        Records("a");
        _blobs.Open = () => new EndlessStream(Encoding.UTF8.GetBytes($"[{Letter("a")}"), ","u8.ToArray(), Encoding.UTF8.GetBytes(Letter("foreign", $"\"pad\":\"{new string('x', 900_000)}\",")));

        await RecordAsync("enrichment");

        Assert.Equal(EventStatus.DeadLettered, _store[Key("a")].Status);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("more than 67,108,864 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_is_gone_is_warned_of_and_acknowledged()
    {
        _blobs.Open = () => null;

        await RecordAsync("enrichment");

        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("was deleted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.Storage.BlobDeleted", """{"url":"mem:/deadletters-crm/1.json"}""")]
    [InlineData(BlobCreated, """{"url":"https://elsewhere.example/deadletters-crm/1.json"}""")]
    [InlineData(BlobCreated, """{"url":"mem:/secrets/1.json"}""")]
    [InlineData(BlobCreated, """{"url":"relative"}""")]
    [InlineData(BlobCreated, """{"url":1}""")]
    [InlineData(BlobCreated, """{"url":"\ud800"}""")]
    [InlineData(BlobCreated, "{}")]
    [InlineData(BlobCreated, "[]")]
    [InlineData(BlobCreated, "<xml/>")]
    [InlineData(BlobCreated, "")]
    public async Task An_event_that_tells_of_no_blob_of_ours_is_acknowledged_and_nothing_is_read(string type, string data)
    {
        _blobs.Open = () => throw new InvalidOperationException("It was opened.");

        await _recorder.RecordAsync(type, Encoding.UTF8.GetBytes(data), Stop);

        Assert.Equal(LogLevel.Warning, Assert.Single(_log.Lines).Level);
    }

    [Fact]
    public async Task An_event_that_was_given_up_is_linked_to_its_entity_also_if_the_blob_is_read_again()
    {
        _store[Key("42")] = Record("42") with { Entity = new EntityKey(Source, "policy-42"), Linked = true };
        _blobs.Content = $"[{Letter("42")}]";
        _documents.CreateAsync(default!, default!, Stop).ReturnsForAnyArgs(_ => throw new StoreUnavailableException("Not now."), _ => "1");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => RecordAsync("enrichment"));
        await RecordAsync("enrichment");

        await _documents.Received(2).CreateAsync(
            DocumentContainer.Entities, Arg.Is<Document>(link => link.Partition == new EntityKey(Source, "policy-42").Id && link.TimeToLive == TimeSpan.FromDays(9)), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Storage_that_cannot_be_read_now_has_the_blob_told_again()
    {
        _blobs.Open = () => throw new DeadLettersUnavailableException("Not now.");

        await Assert.ThrowsAsync<DeadLettersUnavailableException>(() => RecordAsync("enrichment"));
    }

    [Theory]
    [InlineData("42", 0)]
    [InlineData("a:b", 7)]
    public void The_ID_of_an_enriched_event_leads_back_to_its_event(string id, int run)
    {
        var encoded = run == 0 ? $"{id}:enriched" : $"{id}:enriched:{run}";

        Assert.True(EventEncoder.TryReadEnrichedId(encoded, out var original, out var originalRun));
        Assert.Equal((id, run), (original, originalRun));
    }

    private static void FailAt(int call, int failing)
    {
        if (call == failing)
        {
            throw new StoreUnavailableException("Not now.");
        }
    }

    private static EventKey Key(string id) => new(Source, id);

    private static EventRecord Record(string id) => Stores.StoreSamples.Record(id);

    private static string Letter(string id, string more = "", string type = "policy.renewed") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{Source}}","type":"{{type}}",{{more}}"deadletterreason":"Undeliverable","deliveryattempts":1,"publishtime":"2026-03-02T12:30:00Z"}""";

    private void Records(params string[] ids)
    {
        foreach (var id in ids)
        {
            _store[Key(id)] = Record(id);
        }
    }

    private Task RecordAsync(string subscription) =>
        _recorder.RecordAsync(BlobCreated, Encoding.UTF8.GetBytes($$"""{"url":"mem:/deadletters-{{subscription}}/S/1.json"}"""), Stop);

    private sealed class BlobsDouble : IDeadLetterStore
    {
        public BlobsDouble() => Open = () => new MemoryStream(Encoding.UTF8.GetBytes(Content));

        public string Content { get; set; } = "[]";

        public Func<Stream?> Open { get; set; }

        public DeadLetterBlob? Locate(Uri url) => url.Scheme == "mem" ? DeadLetterBlob.FromPath(url.AbsolutePath.TrimStart('/')) : null;

        public async Task<Stream?> OpenAsync(DeadLetterBlob blob, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Open();
        }
    }

    /// <summary>Its beginning once, and then the rest for ever.</summary>
    private sealed class EndlessStream(byte[] beginning, params byte[][] rest) : MemoryStream
    {
        private readonly byte[] _rest = [.. rest.SelectMany(part => part)];
        private ReadOnlyMemory<byte> _left = beginning;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _left = _left.IsEmpty ? _rest : _left;
            var length = Math.Min(buffer.Length, _left.Length);
            _left[..length].CopyTo(buffer);
            _left = _left[length..];
            return ValueTask.FromResult(length);
        }
    }
}
