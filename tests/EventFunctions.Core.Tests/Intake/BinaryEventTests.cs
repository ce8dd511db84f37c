using EventFunctions.CloudEvents;

namespace EventFunctions.Tests.Intake;

public sealed class BinaryEventTests
{
    [Fact]
    public void Headers_are_attributes_and_the_body_is_the_data()
    {
        var read = Reading.Event(Reading.Binary("application/json", """ {"a": 1.0} """, ("CE-Subject", "policy-42"), ("ce-count", "7"), ("ce-dataref", "p/42")));

        Assert.Equal("1", read.Id);
        Assert.Equal("policy-42", read.Subject);
        Assert.Equal("p/42", read.DataRef);
        Assert.Equal("application/json", read.DataContentType);
        Assert.Equal(new ExtensionValue(ExtensionType.Text, "7"), read.Extensions["count"]);
        Assert.Equal(EventContent.FromJson("""{"a": 1.0}"""), read.Data);
    }

    [Theory]
    [InlineData("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀")]
    [InlineData("%41%62", "Ab")]
    [InlineData("\"quoted \\\"and\\\\ %41\"", "quoted \"and\\ A")]
    [InlineData("plain", "plain")]
    public void Values_are_unquoted_and_percent_decoded_once(string header, string value) =>
        Assert.Equal(value, Reading.Event(Reading.Binary(null, "", ("ce-subject", header))).Subject);

    [Theory]
    [InlineData("%C0%A0")]
    [InlineData("%ED%A0%80")]
    [InlineData("%F4%90%80%80")]
    [InlineData("100%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("%E2%82")]
    [InlineData("\"open")]
    [InlineData("%00")]
    public void Values_that_do_not_decode_are_refused_at_their_attribute(string header) =>
        Assert.Equal("#/subject", Reading.Error(Reading.Binary(null, "", ("ce-subject", header))).Pointer);

    [Theory]
    [InlineData("ce-subject", "b", "#/subject")]
    [InlineData("ce-datacontenttype", "text/plain", "#/datacontenttype")]
    [InlineData("ce-data", "x", "#/data")]
    [InlineData("ce-data_base64", "AA==", "#/data_base64")]
    [InlineData("ce-", "x", "#/")]
    [InlineData("ce-replay", "1", "#/replay")]
    public void Repeated_and_reserved_headers_are_refused(string name, string value, string pointer) =>
        Assert.Equal(pointer, Reading.Error(Reading.Binary(null, "", ("ce-subject", "a"), (name, value))).Pointer);

    [Fact]
    public void Missing_attributes_are_all_reported()
    {
        var reading = EventReader.ReadBinary([new("ce-id", "1")], "text/plain", []);

        Assert.Equal(["#/specversion", "#/source", "#/type"], reading.Errors.Select(error => error.Pointer));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[[0")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void A_body_that_says_it_is_JSON_must_be(string body) =>
        Assert.Equal(
            body.Contains("\"a\"", StringComparison.Ordinal) ? "#/data/a" : "#/data", Reading.Error(Reading.Binary("application/policy+json", body)).Pointer);

    [Fact]
    public void JSON_data_nests_no_deeper_than_an_event_can_carry()
    {
        Reading.Event(Reading.Binary("application/json", new string('[', 63) + new string(']', 63)));
        Assert.Equal("#/data", Reading.Error(Reading.Binary("application/json", new string('[', 64) + new string(']', 64))).Pointer);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=windows-1252")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public void Any_other_body_is_bytes(string? contentType)
    {
        var read = Reading.Event(Reading.BinaryBytes(contentType, [0, 255, (byte)'{']));

        Assert.Equal(new EventContent(ContentKind.Binary, new byte[] { 0, 255, (byte)'{' }), read.Data);
        Assert.Equal(contentType, read.DataContentType);
    }

    [Theory]
    [InlineData("text/plain", "Grüße")]
    [InlineData("text/csv; charset=utf-8", "a;b")]
    public void Text_of_a_known_charset_is_text(string contentType, string body)
    {
        var read = Reading.Event(Reading.Binary(contentType, body));

        Assert.Equal(ContentKind.Text, read.Data!.Kind);
        Assert.Equal(body, Reading.Text(read.Data));
    }

    [Fact]
    public void An_empty_body_is_no_data() => Assert.Null(Reading.Event(Reading.Binary("application/json", "")).Data);

    [Theory]
    [InlineData("application/cloudevents+json", false, ContentMode.Structured)]
    [InlineData("Application/CloudEvents+JSON; charset=UTF-8", true, ContentMode.Structured)]
    [InlineData("application/cloudevents-batch+json", true, ContentMode.Batch)]
    [InlineData("application/json", false, ContentMode.Plain)]
    [InlineData("application/json;charset=\"utf-8\"", false, ContentMode.Plain)]
    [InlineData("application/json", true, ContentMode.Binary)]
    [InlineData("text/plain; charset=latin1", true, ContentMode.Binary)]
    [InlineData(null, true, ContentMode.Binary)]
    [InlineData("not a type", true, ContentMode.Binary)]
    [InlineData("application/cloudevents+avro", true, null)]
    [InlineData("application/cloudevents", false, null)]
    [InlineData("application/json; charset=utf-16", false, null)]
    [InlineData("text/plain", false, null)]
    [InlineData(null, false, null)]
    public void The_content_type_tells_the_mode(string? contentType, bool hasAttributeHeaders, ContentMode? mode) =>
        Assert.Equal(mode, EventReader.ModeOf(contentType, hasAttributeHeaders));
}
