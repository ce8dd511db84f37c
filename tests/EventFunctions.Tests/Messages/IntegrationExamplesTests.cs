using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Messages;

/// <summary>Every example of <c>docs/produce.md</c> does what it says.</summary>
public sealed partial class IntegrationExamplesTests
{
    private static readonly string Document = File.ReadAllText(Repository.File("docs/produce.md"));

    // When the examples with a time in their signatures were sent.
    private static readonly DateTimeOffset Sent = DateTimeOffset.FromUnixTimeSeconds(1_674_087_231);

    public static TheoryData<string> Titles => [.. Sections().Keys];

    [Fact]
    public void There_are_two_examples() => Assert.Equal(2, Sections().Count);

    [Fact]
    public void Every_definition_of_the_guide_is_valid()
    {
        var definitions = Block().Matches(Document).Where(block => block.Groups[1].Value == "json").Select(block => block.Groups[2].Value).ToList();

        Assert.True(definitions.Count > 2);
        Assert.All(definitions, definition =>
        {
            var name = JsonElement.Parse(definition).TryGetProperty("name", out _) ? null : "example";
            new ProducerReader(new JsonSchemas()).Read(Encoding.UTF8.GetBytes(definition), name, out var errors);
            Assert.Empty(errors);
        });
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task The_example_becomes_the_event_that_the_document_says(string title)
    {
        var section = Sections()[title];
        var definition = Encoding.UTF8.GetBytes(Block().Matches(section).Single(block => block.Groups[1].Value == "json").Groups[2].Value);
        var producer = new ProducerReader(new JsonSchemas()).Read(definition, null, out var errors);
        Assert.Empty(errors);
        var secret = Secret().Match(section);
        await using var service = await MessageService.StartAsync(
            [producer!], Sent, new() { ["ProducerSecrets:" + secret.Groups[1].Value] = secret.Groups[2].Value });
        var (path, headers, body) = Message(section);

        var answer = await service.PostAsync(path.Split('/')[3], body, headers);
        var again = await service.PostAsync(path.Split('/')[3], body, headers);
        var forged = await service.PostAsync(path.Split('/')[3], body + " ", headers);

        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.Text + string.Join('\n', service.Log));
        Assert.True((again.Json.ValueKind == JsonValueKind.Array ? again.Json[0] : again.Json).GetProperty("duplicate").GetBoolean());
        Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        var becomes = Becomes().Match(section);
        var notification = (await service.ReadAsync(producer!.Source, becomes.Groups[2].Value))!.Event;
        Assert.Equal((becomes.Groups[1].Value, becomes.Groups[3].Value), (notification.Type, notification.Subject));
        Assert.DoesNotContain("a-key-that-is-not-kept", service.StoredBytes(), StringComparison.Ordinal);
        Assert.DoesNotContain(service.Log, line => line.Contains("a-key-that-is-not-kept", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Log, line => line.Contains(secret.Groups[2].Value, StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Sections() =>
        Document.Split("\n### ").Where(section => section.Contains("```http", StringComparison.Ordinal)).ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)], section => section);

    private static (string Path, (string, string)[] Headers, string Body) Message(string section)
    {
        var text = Block().Matches(section).Single(block => block.Groups[1].Value == "http").Groups[2].Value;
        var parts = text.Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        return (
            lines[0].Split(' ')[1],
            [.. lines.Skip(1).Select(line => line.Split(": ", 2)).Select(header => (header[0], header[1]))],
            parts[1].TrimEnd('\n'));
    }

    [GeneratedRegex("```(json|http)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`ProducerSecrets__(\w+)`\s+is\s+`([^`]+)`")]
    private static partial Regex Secret();

    [GeneratedRegex(@"becomes `([^`]+)` with the ID `([^`]+)` about `([^`]+)`")]
    private static partial Regex Becomes();
}
