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
        MessageReader.Read("/insurer", mapping ?? Mapping, new MessageEnvelope("POST", "application/json", name => Headers.GetValueOrDefault(name) ?? [], Encoding.UTF8.GetBytes(body)));

    private static EventNotification Event(string body, MessageMapping? mapping = null)
    {
        var reading = Read(body, mapping);
        Assert.Empty(reading.Errors);
        Assert.Empty(reading.HeaderErrors);
        return Assert.Single(reading.Events).Event;
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
            Remove = ["", "/Api_Key", "/Inner/Token", "/Inner/keys/0", "/Inner/keys/2", "/Inner/keys/2", "/Inner/keys/02", "/not/there", "/Key/x"],
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
    [InlineData("""[]""", "#/Key", "required")]
    [InlineData("""{"Key":"1","Key":"2","Kind":"k"}""", "#/Key", "more than once")]
    [InlineData("""{"Key":"1","Ke\u0079":"2","Kind":"k"}""", "#/Key", "more than once")]
    [InlineData("""{"Key":"1","Kind":"k"} {}""", "#", "Not JSON")]
    [InlineData("", "#", "The body is empty. Send JSON.")]
    public void What_is_wrong_is_told_at_its_place_in_the_message(string body, string pointer, string detail)
    {
        var reading = Read(body);

        Assert.Empty(reading.Events);
        var error = reading.Errors.First(e => e.Detail.Contains(detail, StringComparison.Ordinal));
        Assert.Equal(pointer, error.Pointer);
    }

    [Fact]
    public void What_is_wrong_with_a_header_is_told_by_its_name()
    {
        var reading = Read("{}", Mapping with { Id = new() { Header = "X-Missing" }, Type = new() { Header = "X-Twice" }, Subject = new() { Constant = "\u0001" } });

        Assert.Empty(reading.Events);
        Assert.Equal(["X-Missing", "X-Twice"], reading.HeaderErrors.Select(error => error.Key).Order());
        Assert.Empty(reading.Errors);
    }

    [Theory]
    [InlineData("""{"Key":"1","Kind":"k","Time":"23.11.2026"}""", "left out time (Must be an RFC 3339 time")]
    [InlineData("""{"Key":"1","Kind":"k","Time":1763890200}""", "left out time (Must be an RFC 3339 time")]
    [InlineData("""{"Key":"1","Kind":"k","Policy":{"Number":""}}""", "left out subject (Must not be empty")]
    [InlineData("""{"Key":"1","Kind":"k","Policy":{"Number":{}},"Time":""}""", "left out subject (Must be a string, a number or a boolean); time (")]
    public void An_optional_attribute_that_cannot_be_used_is_left_out_and_told(string body, string omitted)
    {
        var reading = Read(body);

        Assert.True(reading.IsValid);
        var read = Assert.Single(reading.Events);
        Assert.Equal((null, null), (read.Event.Subject, read.Event.Time));
        Assert.StartsWith(omitted, read.Omitted, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_item_of_an_array_becomes_an_event_and_one_that_is_wrong_refuses_all()
    {
        var mapping = Mapping with
        {
            Each = "/Items",
            Id = new() { Template = "{/Key}-{header:X-Delivery}" },
            Type = new() { Pointer = "/Object", Whole = true },
            Time = new() { Pointer = "/At", Format = TimeFormat.Milliseconds },
            Remove = ["/Attempt"],
        };

        var reading = Read("""{"Object":"page","Items":[{"Key":1,"At":1674087231250,"Attempt":1},{"Key":2,"Attempt":2}]}""", mapping);
        var wrong = Read("""{"Object":"page","Items":[{"Key":1},{"Kay":2}]}""", mapping with { Id = new() { Pointer = "/Key" } });

        Assert.Equal(["1-d-1", "2-d-1"], reading.Events.Select(read => read.Event.Id));
        Assert.Equal(["page", "page"], reading.Events.Select(read => read.Event.Type));
        Assert.Equal("2023-01-19T00:13:51.25Z", reading.Events[0].Event.Time);
        Assert.Equal("""{"Key":2}""", DataOf(reading.Events[1].Event));
        Assert.Equal((0, "#/Items/1/Key"), (wrong.Events.Count, Assert.Single(wrong.Errors).Pointer));
        Assert.Equal("#/Items", Assert.Single(Read("""{"Items":{}}""", mapping).Errors).Pointer);
        Assert.True(Read("""{"Items":[]}""", mapping).IsValid);
        Assert.Contains("1000", Assert.Single(Read($$"""{"Items":[{{string.Join(',', Enumerable.Repeat("{}", 1_001))}}]}""", mapping).Errors).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_is_the_same_for_every_spelling_of_a_value_and_without_what_is_removed()
    {
        var mapping = Mapping with { Id = new() { Hash = "" }, Remove = ["/Attempt"] };

        var first = Event("""{"Kind":"k","n":1.0,"Attempt":1}""", mapping).Id;

        Assert.Equal(64, first.Length);
        Assert.Equal(first, Event("""{ "Attempt": 2, "n": 1, "Kind": "\u006b" }""", mapping).Id);
        Assert.NotEqual(first, Event("""{"Kind":"k","n":2}""", mapping).Id);
    }

    [Theory]
    [InlineData("""{"Key":"1","Kind":"k","x":"a\ud800b\udc00\ud83d\ude00\\ud800"}""", """{"Key":"1","Kind":"k","x":"a\ufffdb\ufffd\ud83d\ude00\\ud800"}""")]
    [InlineData("""{"Key":"1","Kind":"k","x":"\ud83d"}""", """{"Key":"1","Kind":"k","x":"\ufffd"}""")]
    public void Halves_of_surrogate_pairs_are_replaced(string body, string data) => Assert.Equal(data, DataOf(Event(body)));

    [Theory]
    [InlineData("payload", "payload=%7B%22Key%22%3A%221%22%2C%22Kind%22%3A%22a+b%22%7D&x=y", """{"Key":"1","Kind":"a b"}""")]
    [InlineData("*", "Key=1&Kind=a%2Bb&list=x&list=y&empty", """{"Key":"1","Kind":"a\u002Bb","list":["x","y"],"empty":""}""")]
    public void A_form_is_read_as_the_mapping_says(string form, string body, string data)
    {
        var message = new MessageEnvelope("POST", MessageEnvelope.Form, _ => [], Encoding.UTF8.GetBytes(body));

        var reading = MessageReader.Read("/s", Mapping with { Form = form }, message);

        Assert.Equal(data, DataOf(Assert.Single(reading.Events).Event));
        Assert.Contains("messages.form", Assert.Single(MessageReader.Read("/s", Mapping, message).Errors).Detail, StringComparison.Ordinal);
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

        Assert.Single(Read(Nested(62)).Events);
        Assert.Contains("Not JSON", Assert.Single(Read(Nested(63)).Errors).Detail, StringComparison.Ordinal);
        Assert.Empty(Read(Nested(500_000)).Events);
        Assert.Single(Read(Nested(62), Mapping with { Remove = ["/x", "/Policy/y"] }).Events);
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

    public static TheoryData<MessageMapping, string> WrongValues => new()
    {
        { Mapping with { Id = new() { Header = "X-Twice" } }, "Given more than once." },
        { Mapping with { Id = new() { Template = "{/Missing}-{/Key}" } }, "The message has no value for {/Missing}." },
        { Mapping with { Id = new() { Pointer = "/Kind", Format = TimeFormat.Milliseconds } }, "Must be a time in Unix milliseconds." },
        { Mapping with { Id = new() { Pointer = "/Kind", Format = TimeFormat.Seconds } }, "Must be a time in Unix seconds." },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void A_value_that_cannot_be_taken_says_why(MessageMapping mapping, string detail)
    {
        var reading = Read("""{"Key":"k-1","Kind":"renewed","Policy":{"Number":4711}}""", mapping);

        Assert.Contains(detail, string.Join('\n', reading.Errors.Select(error => error.Detail).Concat(reading.HeaderErrors.Select(error => error.Value))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a&", "The form has too many fields.", 501)]
    [InlineData("a&", "The form must have the field \"payload\" exactly once.", 500)]
    [InlineData("a=1&a=2", "The form must have the field \"payload\" exactly once.")]
    [InlineData("payload={}&payload={}", "The form must have the field \"payload\" exactly once.")]
    public void A_form_without_its_one_field_is_refused(string part, string detail, int times = 1)
    {
        var message = new MessageEnvelope("POST", "application/x-www-form-urlencoded", _ => [], Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, times))));

        Assert.Equal(detail, Assert.Single(MessageReader.Read("/s", Mapping with { Form = "payload" }, message).Errors).Detail);
    }
}
