using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Tests.Intake;

public sealed class FingerprintTests
{
    private static string Of(EventReading reading) => Fingerprint.Of(Reading.Event(reading));

    private static string Structured(string members) => Of(Reading.With(members));

    [Fact]
    public void All_content_modes_of_one_event_are_equal()
    {
        const string Members = """ "subject":"policy-42","count":7,"urgent":true,"datacontenttype":"application/json; charset=utf-8","data":{"b":[1.0,"ä"],"a":null} """;
        var structured = Structured(Members);

        Assert.Equal(structured, Of(Reading.Batch($"[{Reading.WithText(Members)}]")));
        Assert.Equal(structured, Of(Reading.Json(ContentMode.Plain, Reading.WithText(Members).Replace("\"specversion\":\"1.0\",", "", StringComparison.Ordinal))));
        Assert.Equal(structured, Of(Reading.Binary(
            "application/json", """{"a":null,"b":[1,"\u00e4"]}""", ("ce-subject", "policy-42"), ("ce-count", "7"), ("ce-urgent", "true"))));
        Assert.Equal(structured, Structured(Members.Replace("\"datacontenttype\":\"application/json; charset=utf-8\",", "", StringComparison.Ordinal)));
        Assert.Equal(structured, Structured(
            $""" "subject":"policy-42","count":"7","urgent":"true","datacontenttype":"application/json","data_base64":"{Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"b":[1,"ä"],"a":null}"""))}" """));
    }

    [Fact]
    public void A_repeat_with_other_key_order_is_a_duplicate() =>
        Assert.Equal(
            Of(Reading.Structured("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1,"b":2}}""")),
            Of(Reading.Structured("""{"data":{ "b" : 2, "a" : 1 },"type":"t","source":"/s","id":"\u0031","specversion":"1.0"}""")));

    [Fact]
    public void Text_and_bytes_are_compared_by_their_bytes() =>
        Assert.All(
            [
                Structured("\"datacontenttype\":\"text/plain; charset=utf-8\",\"data_base64\":\"aGk=\""),
                Of(Reading.Binary("text/plain;charset=UTF-8", "hi")),
            ],
            other => Assert.Equal(Structured("\"datacontenttype\":\"Text/Plain; charset=\\\"utf-8\\\"\",\"data\":\"hi\""), other));

    [Fact]
    public void A_new_trace_context_changes_nothing() =>
        Assert.Equal(
            Structured("\"data\":1"),
            Structured("\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",\"tracestate\":\"a=b\",\"data\":1"));

    [Theory]
    [InlineData("\"data\":1", "\"data\":2")]
    [InlineData("\"data\":1", "\"data\":\"1\"")]
    [InlineData("\"data\":null", "\"ext\":\"x\"")]
    [InlineData("\"subject\":\"a\"", "\"subject\":\"b\"")]
    [InlineData("\"subject\":\"a\"", "\"subjec\":\"a\"")]
    [InlineData("\"ab\":\"c\"", "\"a\":\"bc\"")]
    [InlineData("\"a\":\"1\",\"b\":\"2\"", "\"a\":\"2\",\"b\":\"1\"")]
    [InlineData("\"time\":\"2026-01-31T08:30:00Z\"", "\"time\":\"2026-01-31T08:30:00.0Z\"")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"{}\"", "\"data\":\"{}\"")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"a\"", "\"datacontenttype\":\"text/html\",\"data\":\"a\"")]
    [InlineData("\"data_base64\":\"AA==\"", "\"data_base64\":\"AAA=\"")]
    [InlineData("\"data\":123456789012345678901234567890", "\"data\":123456789012345678901234567891")]
    [InlineData("\"dataref\":\"a\"", "\"dataschema\":\"a:b\"")]
    [InlineData("\"data\":null", "\"subject\":\"null\"")]
    public void Different_events_have_different_fingerprints(string a, string b) => Assert.NotEqual(Structured(a), Structured(b));

    [Fact]
    public void An_explicit_null_is_not_the_absence_of_data() =>
        Assert.NotEqual(Of(Reading.Structured(Reading.Minimal)), Structured("\"data\":null"));

    [Fact]
    public void It_is_64_characters_of_lower_case_hex() =>
        Assert.Matches("^[0-9a-f]{64}$", Of(Reading.Structured(Reading.Minimal)));
}
