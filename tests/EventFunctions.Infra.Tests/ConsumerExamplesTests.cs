using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFunctions.Infra.Tests;

/// <summary>Every consumer that <c>docs/deploy.md</c> shows can be configured as it stands there.</summary>
public sealed partial class ConsumerExamplesTests
{
    public static TheoryData<string> Examples => [.. Blocks().Select(block => block.Groups[1].Value)];

    [Fact]
    public void There_is_an_example_of_every_kind() => Assert.Equal(
        Enum.GetNames<Infra.Configuration.ConsumerKind>().Order(StringComparer.OrdinalIgnoreCase),
        Blocks()
            .SelectMany(block => JsonElement.Parse(block.Groups[1].Value).EnumerateArray())
            .Select(consumer => consumer.GetProperty("kind").GetString()!)
            .Distinct()
            .Order(StringComparer.OrdinalIgnoreCase),
        StringComparer.OrdinalIgnoreCase);

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_subscribes_its_consumers_as_it_says(string example)
    {
        var run = await Run.WithAsync(("consumers", example));

        foreach (var consumer in JsonElement.Parse(example).EnumerateArray())
        {
            var subscription = run[consumer.GetProperty("name").GetString()!];
            var destination = consumer.GetProperty("kind").GetString() == "webhook" ? "destination" : "deliveryWithResourceIdentity.destination";
            Assert.Equal(consumer.GetProperty("kind").GetString(), subscription.Text($"{destination}.endpointType"), ignoreCase: true);
            Assert.Equal(Text(consumer, "endpoint") ?? Text(consumer, "resourceId"), subscription.Text($"{destination}.endpointUrl") ?? subscription.Text($"{destination}.resourceId"));
            Assert.Equal(Text(consumer, "queue"), subscription.Text($"{destination}.queueName"));
            Assert.Equal(Texts(consumer, "types"), subscription.Texts("filter.includedEventTypes"));
            Assert.Equal(Text(consumer, "subjectBeginsWith"), subscription.Text("filter.subjectBeginsWith"));
            Assert.Equal(
                consumer.TryGetProperty("filters", out var filters) ? filters.EnumerateArray().Select(filter => Text(filter, "operatorType")!) : [],
                subscription.Texts("filter.advancedFilters", "operatorType"));
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.EnumerateArray().Select(text => text.GetString()!) : [];

    private static MatchCollection Blocks()
    {
        using var document = new StreamReader(typeof(ConsumerExamplesTests).Assembly.GetManifestResourceStream("deploy.md")!);
        return Block().Matches(document.ReadToEnd());
    }

    [GeneratedRegex("```json\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
