using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using EventFunctions.Producers.Definitions;
using EventFunctions.Records;
using EventFunctions.Schemas;
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
        Assert.Equal(names, Row().Matches(File.ReadAllText(Repository.File("docs/produce.md")).Split("\n### ").Single(section => section.StartsWith("Presets", StringComparison.Ordinal))).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
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

        var written = Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);

        Assert.Matches($$"""^\{"name":"{{preset}}","source":"/{{preset}}","preset":"{{preset}}","verification":\{"(secrets|publicKeys|url)":[^{}]*\}\}$""", written);
        var again = new ProducerReader(new JsonSchemas()).Read(ProducerJson.Write(producer).Span, null, out _);
        Assert.Equal(written, Encoding.UTF8.GetString(ProducerJson.Write(again!).Span));
    }

    private async Task<List<EventRecord>> EventsAsync(SenderSample sample) =>
        [.. (await Service.ListAsync()).Where(record => record.Producer == sample.Preset)];

    [GeneratedRegex("^([A-Za-z/]+:)?[0-9a-f]{64}$")]
    private static partial Regex Hash();

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
