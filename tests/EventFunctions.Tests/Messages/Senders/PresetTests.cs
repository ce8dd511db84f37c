using System.Net;
using System.Text.RegularExpressions;
using EventFunctions.Producers.Definitions;
using static EventFunctions.Tests.Messages.Senders.SenderSigning;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>Every preset takes what its sender sends, and nothing else.</summary>
public sealed partial class PresetTests(SenderService shared) : IClassFixture<SenderService>
{
    private static readonly TimeSpan LongerThanAnyTolerance = TimeSpan.FromHours(1);

    private MessageService Service => shared.Service;

    public static TheoryData<string> Presets => [.. SenderSamples.All.Select(sample => sample.Preset)];

    [Fact]
    public void Every_preset_has_a_sample_and_is_in_the_guide()
    {
        var names = MessagePreset.All.Select(preset => preset.Name).ToList();

        Assert.Equal(names, SenderSamples.All.Select(sample => sample.Preset).Order(StringComparer.Ordinal));
        Assert.Equal(names, Row().Matches(File.ReadAllText(Repository.File("docs/integration.md")).Split("\n## ").Single(section => section.StartsWith("Presets", StringComparison.Ordinal))).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(MessagePreset.All, preset => Assert.All(preset.Documentation, url => Assert.StartsWith("https://", url, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public async Task A_preset_takes_its_senders_message_its_repeat_and_no_forgery(string preset)
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == preset);
        var sent = Service.Clock.GetUtcNow();
        var body = sample.Body.Replace(SenderSamples.Now, Milliseconds(sent), StringComparison.Ordinal);
        var headers = sample.Sign(body, sent);
        var forgery = body.Replace(sample.Tamper.Old, sample.Tamper.New, StringComparison.Ordinal);
        Assert.NotEqual(body, forgery);

        var forged = await Service.PostAsync(preset, forgery, headers);
        Assert.Equal((HttpStatusCode.Unauthorized, 0), (forged.Status, (await EventsAsync(sample)).Count));

        var first = await Service.PostAsync(preset, body, headers);
        Assert.True((int)first.Status == sample.Accepted, $"{first.Status} {first.Text} {Service.Log.LastOrDefault(line => line.Contains("Refused", StringComparison.Ordinal))}");
        var events = await EventsAsync(sample);
        Assert.Equal(sample.Events, events.Count);
        var record = events.Find(found => found.Event.Type == sample.Type)!;
        Assert.Equal((sample.Type, sample.Subject), (record.Event.Type, record.Event.Subject));
        Assert.True(sample.Id is { } id ? record.Event.Id == id : Hash().IsMatch(record.Event.Id), record.Event.Id);

        var repeat = await Service.PostAsync(preset, body, headers);
        Assert.Equal(sample.Accepted, (int)repeat.Status);
        Assert.Equal(sample.Events, (await EventsAsync(sample)).Count);

        // Where no time is signed, the repeat is never more than the event that is recorded.
        Service.Clock.Advance(LongerThanAnyTolerance);
        var replay = await Service.PostAsync(preset, body, headers);
        Assert.Equal(sample.IsTimed ? 401 : sample.Accepted, (int)replay.Status);
        Assert.Equal(sample.Events, (await EventsAsync(sample)).Count);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void What_a_preset_says_is_left_out_when_a_producer_is_written(string preset)
    {
        var producer = SenderService.ProducerOf(SenderSamples.All.Single(sample => sample.Preset == preset));

        var written = System.Text.Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);

        Assert.Matches($$"""^\{"name":"{{preset}}","source":"/{{preset}}","preset":"{{preset}}","verification":\{"(secrets|publicKeys|url)":[^{}]*\}\}$""", written);
        var again = new ProducerReader(new EventFunctions.Schemas.JsonSchemas()).Read(ProducerJson.Write(producer).Span, null, out _);
        Assert.Equal(written, System.Text.Encoding.UTF8.GetString(ProducerJson.Write(again!).Span));
    }

    [Fact]
    public async Task The_same_signature_under_another_ID_or_type_is_refused_as_a_replay()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "github");
        var body = sample.Body.Replace("opened", "closed", StringComparison.Ordinal);
        var headers = sample.Sign(body, Service.Clock.GetUtcNow());
        var before = (await EventsAsync(sample)).Count;

        Assert.Equal(HttpStatusCode.Accepted, (await Service.PostAsync("github", body, headers)).Status);
        var otherId = await Service.PostAsync("github", body, [headers[0], headers[1], ("X-GitHub-Delivery", "11111111-cc78-11e3-81ab-4c9367dc0958")]);
        var otherType = await Service.PostAsync("github", body, [headers[0], ("X-GitHub-Event", "push"), headers[2]]);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (otherId.Status, otherType.Status));
        Assert.Contains("replay", otherId.Text, StringComparison.Ordinal);
        Assert.Equal(before + 1, (await EventsAsync(sample)).Count);
    }

    [Fact]
    public async Task A_form_that_holds_the_JSON_is_read_like_the_JSON()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "github");
        var form = "payload=" + Uri.EscapeDataString(sample.Body.Replace("opened", "reopened", StringComparison.Ordinal));
        var headers = sample.Sign(form, Service.Clock.GetUtcNow());
        var json = sample.Body.Replace("opened", "reopened", StringComparison.Ordinal);

        var answer = await Service.PostAsync("github", form, [.. headers, ("Content-Type", "application/x-www-form-urlencoded")]);
        var again = await Service.PostAsync("github", json, [.. sample.Sign(json, Service.Clock.GetUtcNow()), ("Content-Type", "text/plain; charset=utf8")]);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.True(again.Json.GetProperty("duplicate").GetBoolean(), again.Text);
    }

    [Fact]
    public async Task An_attempt_that_differs_only_in_its_number_is_a_repeat()
    {
        var sample = SenderSamples.All.Single(sample => sample.Preset == "hubspot");
        var first = sample.Body.Replace("\"objectId\":123", "\"objectId\":777", StringComparison.Ordinal);
        var second = first.Replace("\"attemptNumber\":0", "\"attemptNumber\":1", StringComparison.Ordinal);
        var now = Service.Clock.GetUtcNow();

        Assert.Equal(HttpStatusCode.Accepted, (await Service.PostAsync("hubspot", first, sample.Sign(first, now))).Status);
        var again = await Service.PostAsync("hubspot", second, sample.Sign(second, now));

        Assert.Equal(HttpStatusCode.Accepted, again.Status);
        Assert.All(again.Json.EnumerateArray(), item => Assert.True(item.GetProperty("duplicate").GetBoolean()));
    }

    private async Task<List<Records.EventRecord>> EventsAsync(SenderSample sample) =>
        [.. (await Service.ListAsync()).Where(record => record.Producer == sample.Preset)];

    [GeneratedRegex("^([A-Za-z/]+:)?[0-9a-f]{64}$")]
    private static partial Regex Hash();

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
