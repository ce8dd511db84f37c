using System.Collections.Immutable;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;

namespace EventFunctions.Tests.Messages;

public sealed class MessageReaderTests
{
    private static readonly MessageMapping Mapping = new()
    {
        Id = new() { Pointer = "/Key" },
        Type = new() { Pointer = "/Kind", Prefix = "policy." },
        Subject = new() { Pointer = "/Policy/Number" },
        Time = new() { Pointer = "/Time" },
    };

    private static readonly Dictionary<string, string?[]> Headers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["X-Delivery"] = ["d-1"],
        ["X-Twice"] = ["a", "b"],
    };

    private static MessageReading Read(string body, MessageMapping? mapping = null) =>
        MessageReader.Read("/insurer", mapping ?? Mapping, name => Headers.GetValueOrDefault(name) ?? [], Encoding.UTF8.GetBytes(body));

    private static EventNotification Event(string body, MessageMapping? mapping = null)
    {
        var reading = Read(body, mapping);
        Assert.Empty(reading.Errors);
        Assert.Empty(reading.HeaderErrors);
        return reading.Event!;
    }

    private static string? DataOf(EventNotification notification) => notification.Data is { } data ? Encoding.UTF8.GetString(data.Bytes.Span) : null;

    [Fact]
    public void Attributes_come_from_where_the_mapping_says_and_the_source_is_the_producers_own()
    {
        const string body = """{"Key":"k-1","Kind":"renewed","Policy":{"Number":4711},"Time":"2026-11-23T09:30:00Z","source":"/of/somebody/else"}""";

        var notification = Event(body, Mapping with
        {
            DataRef = new() { Constant = "data/1", Prefix = "https://example.com/" },
            Extensions = Mapping.Extensions
                .Add("delivery", new() { Header = "x-delivery", Prefix = "no. " })
                .Add("number", new() { Pointer = "/Policy/Number" })
                .Add("text", new() { Pointer = "/Policy/Number", Prefix = "n" }),
        });

        Assert.Equal(
            ("k-1", "/insurer", "policy.renewed", "4711", "2026-11-23T09:30:00Z", "https://example.com/data/1"),
            (notification.Id, notification.Source, notification.Type, notification.Subject, notification.Time, notification.DataRef));
        Assert.Equal(new(ExtensionType.Text, "no. d-1"), notification.Extensions["delivery"]);
        Assert.Equal(new(ExtensionType.Integer, "4711"), notification.Extensions["number"]);
        Assert.Equal(new(ExtensionType.Text, "n4711"), notification.Extensions["text"]);
        Assert.Equal(body, DataOf(notification));
    }

    [Theory]
    [InlineData("""{"Key":42,"Kind":"k"}""", "42")]
    [InlineData("""{"Key":123456789012345678901234567890,"Kind":"k"}""", "123456789012345678901234567890")]
    [InlineData("""{"Key":true,"Kind":"k"}""", "true")]
    [InlineData("""{"Key":"a\u0062c","Kind":"k"}""", "abc")]
    public void Numbers_and_booleans_become_the_text_they_are_written_with(string body, string id) => Assert.Equal(id, Event(body).Id);

    [Fact]
    public void What_is_optional_and_missing_or_null_is_left_out()
    {
        var notification = Event("""{"Key":"1","Kind":"k","Policy":{"Number":null}}""", Mapping with { Data = "/Nowhere" });

        Assert.Null(notification.Subject);
        Assert.Null(notification.Time);
        Assert.Null(notification.Data);
    }

    [Theory]
    [InlineData("/Policy", """{"Number":4711,"Sum":0.10000000000000000000000000000001}""")]
    [InlineData("/List/1/a~1b~0c", "7")]
    [InlineData(null, null)]
    public void Data_is_the_part_that_the_mapping_names_digit_for_digit(string? pointer, string? data) =>
        Assert.Equal(data, DataOf(Event(
            """{"Key":"1","Kind":"k","Policy":{"Number":4711,"Sum":0.10000000000000000000000000000001},"List":[0,{"a/b~c":7}]}""",
            Mapping with { Data = pointer })));

    [Fact]
    public void What_is_removed_is_gone_from_the_data_and_cannot_become_an_attribute()
    {
        const string body = """{"Key":"1","Kind":"k","Api_Key":"s3cret","Inner":{"keys":["a","b","c"],"Token":"t0ken"},"n":0.10000000000000000000000000000001}""";

        var notification = Event(body, Mapping with
        {
            Subject = new() { Pointer = "/Api_Key" },
            Remove = ["/Api_Key", "/Inner/Token", "/Inner/keys/0", "/Inner/keys/2", "/Inner/keys/2", "/Inner/keys/02", "/not/there", "/Key/x"],
        });

        Assert.Null(notification.Subject);
        Assert.Equal("""{"Key":"1","Kind":"k","Inner":{"keys":["b"]},"n":0.10000000000000000000000000000001}""", DataOf(notification));
    }

    [Fact]
    public void A_rotated_key_in_the_body_is_no_other_event()
    {
        var mapping = Mapping with { Remove = ["/Api_Key"] };

        Assert.Equal(
            Fingerprint.Of(Event("""{"Key":"1","Kind":"k","Api_Key":"old"}""", mapping)),
            Fingerprint.Of(Event("""{"Api_Key":"new","Kind":"k","Key":"1"}""", mapping)));
    }

    [Theory]
    [InlineData("""{"Kind":"k"}""", "#/Key", "\"id\"")]
    [InlineData("""{"Key":"","Kind":"k"}""", "#/Key", "\"id\"")]
    [InlineData("""{"Key":["1"],"Kind":"k"}""", "#/Key", "\"id\"")]
    [InlineData("""{"Key":"1","Kind":{"a":1}}""", "#/Kind", "\"type\"")]
    [InlineData("""{"Key":"1","Kind":"k.enriched"}""", "#/Kind", "reserved for this service")]
    [InlineData("""{"Key":"1","Kind":"k","Time":"23.11.2026"}""", "#/Time", "RFC 3339")]
    [InlineData("""{"Key":"1","Kind":"k","Time":1763890200}""", "#/Time", "RFC 3339")]
    [InlineData("""{"Key":"1","Kind":"k","Policy":{"Number":""}}""", "#/Policy/Number", "Leave it out")]
    [InlineData("""[]""", "#/Key", "required")]
    [InlineData("""{"Key":"1","Key":"2","Kind":"k"}""", "#/Key", "more than once")]
    [InlineData("""{"Key":"1","Ke\u0079":"2","Kind":"k"}""", "#/Key", "more than once")]
    [InlineData("""{"Key":"1","Kind":"k","x":"\ud800"}""", "#/x", "surrogate")]
    [InlineData("""{"Key":"1","Kind":"k"} {}""", "#", "Not JSON")]
    [InlineData("", "#", "The body is empty. Send JSON.")]
    public void What_is_wrong_is_told_at_its_place_in_the_message(string body, string pointer, string detail)
    {
        var reading = Read(body);

        Assert.Null(reading.Event);
        var error = reading.Errors.First(e => e.Detail.Contains(detail, StringComparison.Ordinal));
        Assert.Equal(pointer, error.Pointer);
    }

    [Fact]
    public void What_is_wrong_with_a_header_is_told_by_its_name()
    {
        var reading = Read("{}", Mapping with { Id = new() { Header = "X-Missing" }, Type = new() { Header = "X-Twice" }, Subject = new() { Constant = "\u0001" } });

        Assert.Null(reading.Event);
        Assert.Equal(["X-Missing", "X-Twice"], reading.HeaderErrors.Select(error => error.Key).Order());
        Assert.Equal("#", Assert.Single(reading.Errors).Pointer);
    }

    [Fact]
    public void An_attribute_that_is_too_long_is_refused()
    {
        Headers["X-Long"] = [new string('x', 1_025)];

        Assert.Equal("X-Long", Assert.Single(Read("""{"Kind":"k"}""", Mapping with { Id = new() { Header = "X-Long" } }).HeaderErrors).Key);
    }

    [Fact]
    public void A_message_deeper_than_any_event_may_be_is_refused()
    {
        static string Nested(int depth) => $$"""{"Key":"1","Kind":"k","deep":{{new string('[', depth)}}{{new string(']', depth)}}}""";

        Assert.NotNull(Read(Nested(62)).Event);
        Assert.Contains("Not JSON", Assert.Single(Read(Nested(63)).Errors).Detail, StringComparison.Ordinal);
        Assert.Null(Read(Nested(500_000)).Event);
        Assert.NotNull(Read(Nested(62), Mapping with { Remove = ["/x", "/Policy/y"] }).Event);
    }

    [Theory]
    [InlineData("#/id", "#/Key")]
    [InlineData("#/type", "#/Kind")]
    [InlineData("#/subject", "#/Policy/Number")]
    [InlineData("#/source", "#")]
    [InlineData("#/data/sum/0", "#/Policy/sum/0")]
    [InlineData("#", "#")]
    public void Places_in_the_event_are_found_in_the_message(string inEvent, string inMessage) =>
        Assert.Equal(inMessage, new MessagePlaces(Mapping with { Data = "/Policy" }).InMessage(inEvent));

    [Theory]
    [InlineData("no slash")]
    public void A_pointer_that_is_none_is_no_mapping(string pointer) =>
        Assert.Throws<FormatException>(() => Read("{}", Mapping with { Remove = ImmutableArray.Create(pointer) }));
}
