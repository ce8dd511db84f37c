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
    [InlineData("\"time\":\"2026-01-31T08:30:00Z\"", "\"time\":\"2026-01-31T08:30:00.0000000000001Z\"")]
    [InlineData("\"time\":\"2026-01-31T08:30:00Z\"", "\"time\":\"2026-01-31T08:30:00+01:00\"")]
    [InlineData("\"dataref\":\"a%2Fb\"", "\"dataref\":\"a/b\"")]
    [InlineData("\"dataref\":\"policies/a\"", "\"dataref\":\"policies/A\"")]
    [InlineData("\"datacontenttype\":\"text/plain;format=flowed\",\"data\":\"a\"", "\"datacontenttype\":\"text/plain\",\"data\":\"a\"")]
    [InlineData("\"datacontenttype\":\"text/plain;charset=x\",\"data_base64\":\"/w==\"", "\"datacontenttype\":\"text/plain;charset=y\",\"data_base64\":\"/w==\"")]
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

    [Theory]
    [InlineData("time", "2026-01-31T08:30:00Z", "2026-01-31T08:30:00+00:00", "2026-01-31T08:30:00.000Z", "2026-01-31T09:30:00+01:00", "2026-01-31t08:30:00.0z", "2026-01-30T23:30:00-09:00")]
    [InlineData("time", "2026-01-31T08:30:00.12Z", "2026-01-31T08:30:00.120-00:00", "2026-01-31T08:30:00.1200000Z")]
    [InlineData("time", "2016-12-31T23:59:60Z", "2016-12-31t15:59:60.0-08:00")]
    [InlineData("dataref", "https://api.example.com/policies/a~b%2F", "HTTPS://API.example.com:443/policies/a%7Eb%2f", "https://api.example.com/policies/%61~b%2F")]
    [InlineData("dataref", "policies/%E2%82%AC", "policies/%e2%82%ac")]
    [InlineData("dataschema", "https://example.com", "https://EXAMPLE.com/")]
    [InlineData("datacontenttype", "application/json", "Application/JSON; charset=UTF-8")]
    [InlineData("datacontenttype", "a/b+json;x=1;y=\\\"2\\\"", "a/b+json ; Y=2; charset=utf-8; x=1")]
    public void Two_spellings_of_one_value_are_equal(string attribute, string value, params string[] others)
    {
        var expected = Structured($"\"{attribute}\":\"{value}\",\"data\":1");

        Assert.All(others, other => Assert.Equal(expected, Structured($"\"{attribute}\":\"{other}\",\"data\":1")));
    }

    [Theory]
    [InlineData("text/plain", "Grüße €", "utf-8")]
    [InlineData("text/plain; charset=utf-8", "Grüße €", "utf-8")]
    [InlineData("text/plain; charset=iso-8859-1", "Grüße", "iso-8859-1")]
    [InlineData("text/plain; charset=UTF-16BE", "Grüße €", "utf-16BE")]
    [InlineData("text/plain; charset=us-ascii", "plain", "us-ascii")]
    public void Text_is_equal_in_every_mode_and_charset(string contentType, string text, string charset)
    {
        var bytes = Encoding.GetEncoding(charset).GetBytes(text);
        var expected = Structured($"\"datacontenttype\":\"text/plain\",\"data\":\"{text}\"");

        Assert.Equal(expected, Of(Reading.BinaryBytes(contentType, bytes)));
        Assert.Equal(expected, Structured($"\"datacontenttype\":\"{contentType}\",\"data_base64\":\"{Convert.ToBase64String(bytes)}\""));
    }

    [Fact]
    public void A_byte_order_mark_changes_nothing()
    {
        var json = Structured("\"data\":{\"a\":1}");
        var text = Structured("\"datacontenttype\":\"text/plain\",\"data\":\"a\"");

        Assert.Equal(json, Of(Reading.Structured("\uFEFF" + Reading.WithText("\"data\":{\"a\":1}"))));
        Assert.Equal(json, Of(Reading.Batch("\uFEFF[" + Reading.WithText("\"data\":{\"a\":1}") + "]")));
        Assert.Equal(json, Of(Reading.Binary("application/json", "\uFEFF{\"a\":1}")));
        Assert.Equal(text, Of(Reading.Binary("text/plain", "\uFEFFa")));
        Assert.Equal(text, Of(Reading.BinaryBytes("text/plain; charset=utf-16", [0xFF, 0xFE, (byte)'a', 0])));
    }

    [Fact]
    public void It_is_a_version_and_64_characters_of_lower_case_hex() =>
        Assert.Matches("^1:[0-9a-f]{64}$", Of(Reading.Structured(Reading.Minimal)));
}
