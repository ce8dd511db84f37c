using System.Text;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Schemas;
using NSubstitute;

namespace EventFunctions.Tests.Producers;

public sealed class SourcePatternTests
{
    private static readonly FixedProducers Producers = new(
    [
        .. new[] { "/hubs/*", "/hubs/a/*", "/hubs/a/b/c/*", "/hubs/a/b", "https://events.example.com/*", "urn:x/*", "/other" }
            .Select((source, i) => new Producer { Name = $"p{i}", Source = source }),
    ]);

    [Theory]
    [InlineData("/hubs/z", "/hubs/*")]
    [InlineData("/hubs/z/y/x", "/hubs/*")]
    [InlineData("/hubs/a", "/hubs/*")]
    [InlineData("/hubs/ab", "/hubs/*")]
    [InlineData("/hubs/*", "/hubs/*")]
    [InlineData("/hubs//a", "/hubs/*")]
    [InlineData("/hubs/z?x=/y", "/hubs/*")]
    [InlineData("/hubs/a/z", "/hubs/a/*")]
    [InlineData("/hubs/a/b", "/hubs/a/b")]
    [InlineData("/hubs/a/b/c", "/hubs/a/*")]
    [InlineData("/hubs/a/b/c/d", "/hubs/a/b/c/*")]
    [InlineData("https://events.example.com/tenants/7", "https://events.example.com/*")]
    [InlineData("urn:x/1", "urn:x/*")]
    [InlineData("/other", "/other")]
    [InlineData("/hubs", null)]
    [InlineData("/hubs/", null)]
    [InlineData("/hubsx/a", null)]
    [InlineData("/Hubs/a", null)]
    [InlineData("hubs/a", null)]
    [InlineData("/x/hubs/a", null)]
    [InlineData("/hubs/../other", null)]
    [InlineData("/hubs/z/.", null)]
    [InlineData("/hubs/%2E%2e/other", null)]
    [InlineData("/hubs/a/../z", null)]
    [InlineData("https://events.example.com", null)]
    [InlineData("https://events.example.com.evil/x", null)]
    [InlineData("/other/x", null)]
    public void The_exact_source_goes_first_and_then_the_longest_pattern_that_covers_whole_segments(string source, string? owner)
    {
        Assert.Equal(owner, Producers.FindBySource(source)?.Source);
        Assert.True(owner is null || Producers.FindBySource(source)!.Owns(source));
    }

    [Fact]
    public void A_source_of_many_slashes_finds_its_pattern_among_many()
    {
        var producers = new FixedProducers([.. Enumerable.Range(0, 5_000).Select(i => new Producer { Name = $"p{i}", Source = $"/t/{i}/*" })]);

        Assert.Equal("p4711", producers.FindBySource("/t/4711/" + new string('/', 900) + "x")?.Name);
    }

    [Theory]
    [InlineData("/hubs/*", "")]
    [InlineData("https://events.example.com/*", "")]
    [InlineData("/hubs/%2A", "")]
    [InlineData("*", "#/source")]
    [InlineData("/*", "#/source")]
    [InlineData("//*", "#/source")]
    [InlineData("https://*", "#/source")]
    [InlineData("/hubs*", "#/source")]
    [InlineData("/hubs/*/a", "#/source")]
    [InlineData("/*/hubs/*", "#/source")]
    [InlineData("/hubs/**", "#/source")]
    [InlineData("/hubs/a?x=/*", "#/source")]
    [InlineData("/hubs/#a/*", "#/source")]
    public void A_star_is_allowed_only_as_the_last_segment(string source, string pointers) =>
        Assert.Equal(pointers, Pointers($$"""{ "name": "p", "source": "{{source}}" }"""));

    [Theory]
    [InlineData("""{ "data": { "baseUrl": "https://e/" }, "feed": { "url": "events", "schedule": "0 * * * * *" } }""", "#/feed")]
    [InlineData("""{ "data": { "baseUrl": "https://e/" }, "feed": { "url": 7, "schedule": "0 * * * * *" } }""", "#/feed #/feed/url")]
    [InlineData("""{ "preset": "github", "verification": { "secrets": ["GITHUB"] } }""", "#/messages")]
    public void Feeds_and_messages_need_one_source(string definition, string pointers)
    {
        Assert.Equal(pointers, Pointers(definition.Insert(1, """ "name": "p", "source": "/hubs/*", """)));
        Assert.DoesNotContain(pointers, Pointers(definition.Insert(1, """ "name": "p", "source": "/hubs", """)), StringComparison.Ordinal);
    }

    private static string Pointers(string json)
    {
        new ProducerReader(Substitute.For<ISchemaCompiler>()).Read(Encoding.UTF8.GetBytes(json), null, out var errors);
        return string.Join(' ', errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));
    }
}
