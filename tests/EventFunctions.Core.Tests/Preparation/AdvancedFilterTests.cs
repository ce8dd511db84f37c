using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;

namespace EventFunctions.Tests.Preparation;

public sealed class AdvancedFilterTests
{
    // Every value a key may lead to, by the name of the payload's member.
    private const string Payload = """
        {
          "five": 5, "half": 0.5, "huge": 123456789012345678901234567890.5, "vast": 1e40,
          "hello": "Hello", "empty": "", "digit": "5", "escaped": "caf\u00e9",
          "yes": true, "no": false, "nothing": null, "object": {"in": {"ner": 7}},
          "numbers": [1, 5, "x"], "strings": ["Hello", "World", 3], "none": [], "objects": [{"a": 1}], "truths": [false, true]
        }
        """;

    [Theory]
    // NumberIn: one of the values.
    [InlineData("NumberIn", "[5, 7]", "five half=- hello=- digit=- yes=- nothing=- missing=- object=- none=- numbers huge=-")]
    [InlineData("NumberIn", "[123456789012345678901234567890.5]", "huge five=-")]
    [InlineData("NumberIn", "[1e40]", "vast five=-")]
    [InlineData("NumberNotIn", "[5, 7]", "five=- half hello digit yes nothing missing object=- none numbers=- strings")]
    // Comparisons.
    [InlineData("NumberLessThan", "5", "five=- half hello=- missing=- nothing=- numbers vast=-")]
    [InlineData("NumberLessThanOrEquals", "5", "five half hello=- missing=- nothing=- numbers")]
    [InlineData("NumberGreaterThan", "5", "five=- half=- huge vast missing=- numbers=-")]
    [InlineData("NumberGreaterThanOrEquals", "5", "five half=- huge missing=- digit=- numbers")]
    [InlineData("NumberInRange", "[[0.5, 1], [4, 4.9]]", "half five=- missing=- hello=- numbers")]
    [InlineData("NumberInRange", "[[5, 5]]", "five half=- numbers strings=-")]
    [InlineData("NumberNotInRange", "[[0.5, 1], [4, 4.9]]", "half=- five missing nothing hello numbers=- strings none")]
    // Truth.
    [InlineData("BoolEquals", "true", "yes no=- five=- hello=- nothing=- missing=- truths none=-")]
    [InlineData("BoolEquals", "false", "no yes=- five=- nothing=- missing=- truths")]
    // Strings, without regard to case.
    [InlineData("StringContains", """["ELL", "zzz"]""", "hello empty=- five=- missing=- nothing=- strings numbers=-")]
    [InlineData("StringContains", """["5"]""", "digit five=- yes=-")]
    [InlineData("StringContains", """["CAFÉ"]""", "escaped hello=-")]
    [InlineData("StringNotContains", """["ELL", "zzz"]""", "hello=- empty five missing=- nothing=- strings=- numbers none object=-")]
    [InlineData("StringBeginsWith", """["he", "zzz"]""", "hello empty=- five=- missing=- strings")]
    [InlineData("StringNotBeginsWith", """["he", "zzz"]""", "hello=- empty missing=- nothing=- strings=- numbers")]
    [InlineData("StringEndsWith", """["LO"]""", "hello empty=- missing=- strings")]
    [InlineData("StringNotEndsWith", """["LO"]""", "hello=- empty missing=- nothing=- strings=-")]
    [InlineData("StringIn", """["HELLO", "5"]""", "hello digit five=- empty=- missing=- nothing=- strings")]
    [InlineData("StringNotIn", """["HELLO", "5"]""", "hello=- digit=- five empty missing nothing strings=- numbers object=-")]
    // Null.
    [InlineData("IsNullOrUndefined", null, "nothing missing five=- hello=- none=- object=- no=- empty=-")]
    [InlineData("IsNotNull", null, "nothing=- missing=- five hello none object no empty")]
    public void Every_operator_decides_on_every_kind_of_value_as_the_service_does(string @operator, string? value, string expectations)
    {
        foreach (var expectation in expectations.Split(' '))
        {
            var member = expectation.Replace("=-", "", StringComparison.Ordinal);
            var filters = Parse(@operator, "data." + member, value, onArrays: true);

            Assert.Equal((member, member == expectation), (member, filters.Match(new NotificationFilterView(Event(Payload)))));
            Assert.Equal((member, member == expectation), (member, filters.Match(new RawEvent($$"""{"type":"t","data":{{Payload}}}"""))));
        }
    }

    [Fact]
    public void The_table_has_every_operator()
    {
        var covered = typeof(AdvancedFilterTests)
            .GetMethod(nameof(Every_operator_decides_on_every_kind_of_value_as_the_service_does))!
            .GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Cast<InlineDataAttribute>()
            .Select(row => (string)row.Data[0]!);

        Assert.Equivalent(Enum.GetNames<FilterOperator>(), covered.Distinct(), strict: true);
    }

    [Theory]
    [InlineData("NumberIn", "[5]")]
    [InlineData("NumberNotIn", "[99]")]
    [InlineData("StringNotContains", """["zzz"]""")]
    public void Without_the_permission_an_array_matches_no_comparison(string @operator, string value)
    {
        var filters = Parse(@operator, "data.numbers", value, onArrays: false);

        Assert.False(filters.Match(new NotificationFilterView(Event(Payload))));
    }

    [Theory]
    [InlineData("id", "the-id")]
    [InlineData("ID", "the-id")]
    [InlineData("Source", "/s")]
    [InlineData("type", "T")]
    [InlineData("specversion", "1.0")]
    [InlineData("subject", "the subject")]
    [InlineData("comexample", "value")]
    [InlineData("comnumber", "42")]
    [InlineData("comtruth", "true")]
    [InlineData("eventid", "the-id")]
    [InlineData("EventType", "T")]
    [InlineData("topic", "/s")]
    [InlineData("Data.Object.In.Ner", null)]
    public void Keys_reach_attributes_extensions_and_nested_data_in_any_case(string key, string? equalTo)
    {
        var notification = Event(Payload) with
        {
            Extensions = EventNotification.NoExtensions
                .Add("comexample", new ExtensionValue(ExtensionType.Text, "value"))
                .Add("comnumber", new ExtensionValue(ExtensionType.Integer, "42"))
                .Add("comtruth", new ExtensionValue(ExtensionType.Boolean, "true")),
        };
        var raw = $$"""
            {"specversion":"1.0","id":"the-id","source":"/s","type":"T","subject":"the subject",
             "comexample":"value","comnumber":42,"comtruth":true,"data":{{Payload}}}
            """;
        var filters = equalTo is null
            ? Parse("NumberIn", key, "[7]", onArrays: false)
            : Parse("StringIn", key, JsonSerializer.Serialize(new[] { equalTo }), onArrays: false);

        Assert.True(filters.Match(new NotificationFilterView(notification)));
        Assert.True(filters.Match(new RawEvent(raw)));
    }

    [Fact]
    public void A_name_in_the_exact_case_is_preferred_and_the_last_of_several_counts()
    {
        var filters = Parse("NumberIn", "data.Count", "[3]", onArrays: false);

        Assert.True(filters.Match(new NotificationFilterView(Event("""{"Count":1,"Count":3,"count":4,"COUNT":5}"""))));
        Assert.True(filters.Match(new NotificationFilterView(Event("""{"count":3}"""))));
    }

    [Fact]
    public void A_long_text_is_searched_in_time_proportional_to_it()
    {
        var values = Enumerable.Range(1, 25).Select(i => $"{new string('é', 256 - i)}b{new string('é', 255)}");
        var filters = Parse("StringContains", "data.text", JsonSerializer.Serialize(values), onArrays: false);
        var clock = Stopwatch.StartNew();

        Assert.False(filters.Match(new NotificationFilterView(Event(JsonSerializer.Serialize(new { text = new string('é', 300_000) })))));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Fact]
    public void A_long_text_is_searched_as_a_short_one_is()
    {
        var random = new Random(1);
        string Letters(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => "aAéÉ"[random.Next(4)]));
        for (var i = 0; i < 100; i++)
        {
            var text = Letters(1_100);
            var value = random.Next(2) == 0 ? Letters(11) : text[random.Next(500)..][..random.Next(9, 500)].ToUpperInvariant();
            var filters = Parse("StringContains", "data.text", JsonSerializer.Serialize(new[] { value }), onArrays: false);

            Assert.Equal(
                text.Contains(value, StringComparison.OrdinalIgnoreCase),
                filters.Match(new NotificationFilterView(Event(JsonSerializer.Serialize(new { text })))));
        }
    }

    [Fact]
    public void All_filters_have_to_match()
    {
        List<FilterError> errors = [];
        using var json = JsonDocument.Parse("""
            [{"operatorType":"StringBeginsWith","key":"type","values":["policy."]},
             {"operatorType":"StringNotEndsWith","key":"type","values":[".enriched"]}]
            """);
        var filters = AdvancedFilters.Parse(json.RootElement, onArrays: false, "", errors);

        Assert.Empty(errors);
        Assert.True(filters.Match(new NotificationFilterView(Event("{}") with { Type = "policy.renewed" })));
        Assert.False(filters.Match(new NotificationFilterView(Event("{}") with { Type = "policy.renewed.enriched" })));
        Assert.False(filters.Match(new NotificationFilterView(Event("{}") with { Type = "claim.opened" })));
        Assert.True(AdvancedFilters.None.Match(new NotificationFilterView(Event("{}"))));
    }

    [Theory]
    [InlineData(ContentKind.Text, "data", true)]
    [InlineData(ContentKind.Text, "data.x", false)]
    [InlineData(ContentKind.Binary, "data", false)]
    public void Payloads_that_are_not_JSON_are_a_string_or_nothing(ContentKind kind, string key, bool isThere)
    {
        var notification = Event("{}") with { Data = new EventContent(kind, "{\"x\":1}"u8.ToArray()) };

        Assert.Equal(isThere, Parse("IsNotNull", key, null, onArrays: false).Match(new NotificationFilterView(notification)));
    }

    [Fact]
    public void Everything_that_is_wrong_with_a_list_is_reported_at_its_pointer()
    {
        var tooLong = new string('x', AdvancedFilters.MaxStringLength + 1);
        using var json = JsonDocument.Parse($$"""
            [{"operatorType":"NumberInn","key":"data.a","values":[1]},
             {"operatorType":"NumberIn","key":"data..a","values":[1, "2"]},
             {"operatorType":"NumberLessThan","key":"a","values":[1]},
             {"operatorType":"BoolEquals","key":"a","value":"true"},
             {"operatorType":"NumberInRange","key":"a","values":[[2, 1], [1]]},
             {"operatorType":"StringIn","key":"a","values":["{{tooLong}}"]},
             {"operatorType":"StringIn","key":"a","values":[]},
             {"operatorType":"IsNotNull","values":["x"]},
             7]
            """);
        List<FilterError> errors = [];

        var filters = AdvancedFilters.Parse(json.RootElement, onArrays: false, "/f", errors);

        Assert.Empty(filters.Filters);
        Assert.Equal(
            ["/f/0/operatorType", "/f/1/key", "/f/1/values/1", "/f/2/value", "/f/2/values", "/f/3/value", "/f/4/values/0", "/f/4/values/1",
             "/f/5/values/0", "/f/6/values", "/f/7/key", "/f/7/values", "/f/8"],
            errors.Select(e => e.Pointer).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void More_filters_or_values_than_the_service_allows_are_refused()
    {
        List<FilterError> filterErrors = [];
        List<FilterError> valueErrors = [];
        using var filters = JsonDocument.Parse($"[{string.Join(',', Enumerable.Repeat("""{"operatorType":"IsNotNull","key":"a"}""", 26))}]");
        using var values = JsonDocument.Parse($$"""
            [{"operatorType":"NumberIn","key":"a","values":[{{string.Join(',', Enumerable.Range(0, 25))}}]},
             {"operatorType":"BoolEquals","key":"a","value":true}]
            """);

        AdvancedFilters.Parse(filters.RootElement, onArrays: false, "", filterErrors);
        AdvancedFilters.Parse(values.RootElement, onArrays: false, "", valueErrors);

        Assert.Single(filterErrors);
        Assert.Single(valueErrors);
    }

    private static AdvancedFilters Parse(string @operator, string key, string? value, bool onArrays)
    {
        var name = value?[0] == '[' ? "values" : "value";
        using var json = JsonDocument.Parse(value is null
            ? $$"""[{"operatorType":"{{@operator}}","key":"{{key}}"}]"""
            : $$"""[{"operatorType":"{{@operator}}","key":"{{key}}","{{name}}":{{value}}}]""");
        List<FilterError> errors = [];
        var filters = AdvancedFilters.Parse(json.RootElement, onArrays, "", errors);
        Assert.Empty(errors);
        return filters;
    }

    private static EventNotification Event(string json) =>
        new() { Id = "the-id", Source = "/s", Type = "T", Subject = "the subject", Data = EventContent.FromJson(json) };

    private readonly struct RawEvent(string json) : IFilterableEvent
    {
        private readonly byte[] _json = Encoding.UTF8.GetBytes(json);

        public FilterValue Find(FilterKey key) => key.FindInEvent(_json);
    }
}
