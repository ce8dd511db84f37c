using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Tests.Intake;

public sealed class StructuredEventTests
{
    [Fact]
    public void Every_attribute_is_read_as_it_came()
    {
        var read = Reading.Event(Reading.Structured("""
            {"time":"2026-01-31T08:30:00.120+02:00","specversion":"1.0","type":"policy.renewed","source":"https://example.com/p?q=1#f",
             "id":"ä/1 \"x\"","subject":"policy-42","datacontenttype":"application/vnd.policy+json; charset=UTF-8","dataschema":"urn:schema:policy",
             "dataref":"policies/42","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=b",
             "count":-7,"urgent":true,"partitionkey":"p", "data":{ "premium": 12.50 }}
            """));

        Assert.Equal("ä/1 \"x\"", read.Id);
        Assert.Equal("https://example.com/p?q=1#f", read.Source);
        Assert.Equal("policy.renewed", read.Type);
        Assert.Equal("policy-42", read.Subject);
        Assert.Equal("2026-01-31T08:30:00.120+02:00", read.Time);
        Assert.Equal("application/vnd.policy+json; charset=UTF-8", read.DataContentType);
        Assert.Equal("urn:schema:policy", read.DataSchema);
        Assert.Equal("policies/42", read.DataRef);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", read.TraceParent);
        Assert.Equal("a=b", read.TraceState);
        Assert.Equal(EventContent.FromJson("""{ "premium": 12.50 }"""), read.Data);
        Assert.Equal(
            [
                new("count", new ExtensionValue(ExtensionType.Integer, "-7")),
                new("partitionkey", new ExtensionValue(ExtensionType.Text, "p")),
                new("urgent", new ExtensionValue(ExtensionType.Boolean, "true")),
            ],
            read.Extensions);
    }

    [Fact]
    public void What_is_left_out_or_null_is_not_filled_in()
    {
        var read = Reading.Event(Reading.With("""
            "subject":null,"time":null,"datacontenttype":null,"dataschema":null,"dataref":null,"traceparent":null,"extra":null,"data_base64":null
            """));

        Assert.Null(read.Subject);
        Assert.Null(read.Time);
        Assert.Null(read.DataContentType);
        Assert.Null(read.DataSchema);
        Assert.Null(read.DataRef);
        Assert.Null(read.TraceParent);
        Assert.Null(read.Data);
        Assert.Empty(read.Extensions);
    }

    [Fact]
    public void All_errors_are_reported_at_once_each_at_its_pointer()
    {
        var reading = Reading.Structured("""
            {"specversion":"0.3","id":"","type":7,"subject":"","time":"yesterday","datacontenttype":"json","dataschema":"relative",
             "dataref":"a b","dataRef":"x","a/b~c":"x","n":1.5,"replay":1,"data":{"a":1,"b":{"c":2,"c":3}},"o":{}}
            """);

        Assert.Empty(reading.Events);
        Assert.Equal(
            [
                "#/specversion", "#/id", "#/type", "#/subject", "#/time", "#/datacontenttype", "#/dataref", "#/dataRef",
                "#/a~1b~0c", "#/n", "#/replay", "#/data/b/c", "#/o", "#/source",
            ],
            reading.Errors.Select(error => error.Pointer));
        Assert.All(reading.Errors, error => Assert.NotEmpty(error.Detail));
    }

    [Fact]
    public void A_known_attribute_with_a_capital_is_told_the_rule_that_it_breaks()
    {
        var reading = Reading.Structured("""{"specversion":"1.0","id":"1","source":"/s","TYPE":"t"}""");

        Assert.Equal(
            [("#/TYPE", "Attribute names are lower case. Write \"type\" instead of \"TYPE\"."), ("#/type", "The attribute is required.")],
            reading.Errors.Select(error => (error.Pointer, error.Detail)));
    }

    [Theory]
    [InlineData("specversion")]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("type")]
    public void A_missing_or_null_required_attribute_is_one_error(string name)
    {
        var error = Reading.Error(Reading.Replacing(name, "null"));

        Assert.Equal("#/" + name, error.Pointer);
        Assert.Equal("The attribute is required.", error.Detail);
    }

    [Theory]
    [InlineData("id", "\"\"")]
    [InlineData("id", "1")]
    [InlineData("id", "\"a\\u0000\"")]
    [InlineData("id", "\"a\\u001f\"")]
    [InlineData("id", "\"a\\u007f\"")]
    [InlineData("id", "\"a\\u0085\"")]
    [InlineData("id", "\"a\\ufffe\"")]
    [InlineData("id", "\"a\\ufdd0\"")]
    [InlineData("id", "\"a\\ud83f\\udfff\"")]
    [InlineData("id", "\"a\\ud800\"")]
    [InlineData("id", "\"a\\udc00b\"")]
    [InlineData("id", "\"order:enriched\"")]
    [InlineData("id", "\"order:Enriched:1\"")]
    [InlineData("source", "\"\"")]
    [InlineData("source", "\"a b\"")]
    [InlineData("source", "\"/ä\"")]
    [InlineData("source", "\"/a%2\"")]
    [InlineData("source", "\"http://[::1\"")]
    [InlineData("source", "\"1a:b\"")]
    [InlineData("type", "\"\"")]
    [InlineData("type", "\"policy.renewed.enriched\"")]
    [InlineData("type", "\"policy.renewed.Enriched\"")]
    [InlineData("type", "\"eventfunctions.alert\"")]
    [InlineData("type", "\"EventFunctions.alert\"")]
    [InlineData("specversion", "1.0")]
    [InlineData("specversion", "\"1.0.2\"")]
    [InlineData("time", "\"2026-01-31\"")]
    [InlineData("time", "\"2026-01-31T08:30:00\"")]
    [InlineData("time", "\"2026-02-30T08:30:00Z\"")]
    [InlineData("time", "\"2026-01-31T08:30:00.Z\"")]
    [InlineData("time", "\"0001-01-01T00:00:00+01:00\"")]
    [InlineData("time", "\"2026-01-31T08:30:00.12345678901234567Z00\"")]
    [InlineData("time", "1769848200")]
    [InlineData("time", "\"2026-01-31T08:30:60Z\"")]
    [InlineData("time", "\"2016-12-31T23:59:60+01:00\"")]
    [InlineData("time", "\"2026-01-31 08:30:00Z\"")]
    [InlineData("time", "\"2026-01-31T24:00:00Z\"")]
    [InlineData("datacontenttype", "\"\"")]
    [InlineData("datacontenttype", "\"text/\"")]
    [InlineData("datacontenttype", "\"text/plain; charset\"")]
    [InlineData("dataref", "\"\"")]
    [InlineData("dataref", "true")]
    [InlineData("ext", "2147483648")]
    [InlineData("ext", "1e400")]
    [InlineData("ext", "[]")]
    [InlineData("ext", "\"a\\ud800\"")]
    [InlineData("dataschema", "\"a\\udc00\"")]
    [InlineData("dataschema", "7")]
    [InlineData("replay", "\"1\"")]
    [InlineData("eventfunctionskey", "\"x\"")]
    [InlineData("Subject", "\"a\"")]
    [InlineData("with space", "\"a\"")]
    [InlineData("", "1")]
    public void A_value_against_the_rules_is_refused_at_its_attribute(string name, string value)
    {
        var error = Reading.Error(Reading.Replacing(name, value));

        Assert.Equal("#/" + Uri.EscapeDataString(name), error.Pointer);
    }

    [Theory]
    [InlineData("id", "\"a b/ä?#\\ud83d\\ude00\"")]
    [InlineData("source", "\"1-555-123-4567\"")]
    [InlineData("source", "\"urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66\"")]
    [InlineData("source", "\"mailto:cncf-wg-serverless@lists.cncf.io\"")]
    [InlineData("source", "\"//user@[2001:db8::1]:8080/a%20b?x=/?#/?\"")]
    [InlineData("source", "\"#f\"")]
    [InlineData("time", "\"2026-01-31T08:30:00.1234567890123456+14:00\"")]
    [InlineData("time", "\"2024-02-29T23:59:59-00:00\"")]
    [InlineData("datacontenttype", "\"text/plain;charset=\\\"utf-8\\\" ; x=y\"")]
    [InlineData("dataschema", "\"urn:example:schema\"")]
    [InlineData("dataref", "\"?id=1\"")]
    [InlineData("ext", "-2147483648")]
    [InlineData("ext", "\"\"")]
    [InlineData("anextensionnamelongerthantwentycharacters", "\"x\"")]
    [InlineData("traceparent", "null")]
    [InlineData("time", "\"2026-01-31t08:30:00z\"")]
    [InlineData("time", "\"2016-12-31T23:59:60Z\"")]
    [InlineData("dataschema", "\"#\"")]
    [InlineData("dataschema", "\"\"")]
    [InlineData("dataschema", "\"/relative\"")]
    [InlineData("dataschema", "\"https://example.com/s#fragment\"")]
    [InlineData("dataVersion", "\"\"")]
    [InlineData("under_score", "1")]
    [InlineData("ext", "\"a\\nb\"")]
    public void A_value_within_the_rules_is_accepted(string name, string value) =>
        Reading.Event(Reading.Replacing(name, value));

    [Theory]
    [InlineData("id", 1_024)]
    [InlineData("source", 1_024)]
    [InlineData("subject", 1_024)]
    [InlineData("type", 1_024)]
    [InlineData("dataref", 4_096)]
    [InlineData("ext", 4_096)]
    public void Attributes_are_limited_in_bytes(string name, int limit)
    {
        Reading.Event(Reading.Replacing(name, $"\"{new string('x', limit)}\""));
        var tooLong = Reading.Error(Reading.Replacing(name, $"\"{new string('x', limit + 1)}\""));
        Assert.Equal("#/" + name, tooLong.Pointer);
        if (name is "id" or "subject" or "type" or "ext")
        {
            Reading.Event(Reading.Replacing(name, $"\"{new string('x', limit - 3)}字\""));
            Reading.Error(Reading.Replacing(name, $"\"{new string('x', limit - 2)}字\""));
        }
    }

    [Fact]
    public void An_event_has_at_most_100_extension_attributes()
    {
        static string Extensions(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"x{i}\":{i}"));

        Assert.Equal(100, Reading.Event(Reading.With(Extensions(100))).Extensions.Count);
        Assert.Equal("#", Reading.Error(Reading.With(Extensions(102))).Pointer);
    }

    [Theory]
    [InlineData("\"id\":\"2\"", "#/id")]
    [InlineData("\"i\\u0064\":\"2\"", "#/id")]
    [InlineData("\"x\":1,\"x\":null", "#/x")]
    [InlineData("\"data\":1,\"data\":1", "#/data")]
    [InlineData("\"data\":{\"a\":1,\"\\u0061\":1}", "#/data/a")]
    [InlineData("\"data\":[0,{\"a\":[{\"b\":1,\"b\":1}]}]", "#/data/1/a/0/b")]
    [InlineData("\"data\":{\"\":1,\"\":1}", "#/data/")]
    [InlineData("\"data\":\"\\ud800\"", "#/data")]
    [InlineData("\"data\":{\"\\ud800\":1}", "#/data")]
    [InlineData("\"data\":[\"a\",\"\\udfff\"]", "#/data/1")]
    public void A_repeated_name_or_half_a_surrogate_pair_is_refused_wherever_it_is(string members, string pointer) =>
        Assert.Equal(pointer, Reading.Error(Reading.With(members)).Pointer);

    [Theory]
    [InlineData("{")]
    [InlineData("nul")]
    [InlineData("{\"id\":\"1\",}")]
    [InlineData("{\"id\":\"1\"} x")]
    [InlineData("{\"id\":01}")]
    [InlineData("{'id':'1'}")]
    [InlineData("/* c */ {}")]
    [InlineData("{\"data\":NaN}")]
    [InlineData("{\"data\":\"a\nb\"}")]
    public void What_is_no_JSON_is_refused_as_a_whole(string body)
    {
        var reading = Reading.Structured(body);

        Assert.Empty(reading.Events);
        Assert.Contains(reading.Errors, error => error.Pointer == "#" && error.Detail.StartsWith("Not JSON", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "The body is empty. Send JSON.")]
    [InlineData(" \r\n\t", "The body is empty. Send JSON.")]
    [InlineData("{\n \"id\":'1'}", "Not JSON at line 2, byte 7: ")]
    public void A_body_that_is_not_JSON_is_explained_without_the_words_of_the_library(string body, string expected)
    {
        var error = Assert.Single(Reading.Structured(body).Errors);

        Assert.StartsWith(expected, error.Detail, StringComparison.Ordinal);
        Assert.DoesNotMatch("isFinalBlock|LineNumber|BytePosition", error.Detail);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    [InlineData("null")]
    public void An_event_is_an_object(string body) => Assert.Equal("#", Reading.Error(Reading.Structured(body)).Pointer);

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_refused()
    {
        var overlong = Encoding.UTF8.GetBytes(Reading.WithText("\"data\":\"??\""));
        overlong[^4] = 0xC0;
        overlong[^3] = 0xA0;

        Assert.Equal("Must be UTF-8.", Reading.Error(EventReader.ReadJson(ContentMode.Structured, overlong)).Detail);
    }

    [Fact]
    public void JSON_may_nest_64_deep()
    {
        static string Nested(int depth) => "\"data\":" + new string('[', depth) + new string(']', depth);

        Reading.Event(Reading.With(Nested(63)));
        Assert.Contains("depth", Reading.Error(Reading.With(Nested(64))).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a": 1.0,  "b":[1e400, 123456789012345678901234567890]}""")]
    [InlineData("\"text\"")]
    [InlineData("123456789012345678901234567890.10")]
    [InlineData("null")]
    [InlineData("false")]
    public void JSON_data_keeps_every_character(string data)
    {
        var read = Reading.Event(Reading.With($"\"datacontenttype\":\"application/json\",\"data\" : {data} "));

        Assert.Equal(EventContent.FromJson(data), read.Data);
        Assert.Equal(read.Data, Reading.Event(Reading.With($"\"data\":{data}")).Data);
    }

    [Theory]
    [InlineData("\"data\":\"<a b=\\\"c\\\"\\/>\\n\\u00e4\\ud83d\\ude00\",\"datacontenttype\":\"application/xml\"", "<a b=\"c\"/>\nä😀")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"plain\"", "plain")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"\"", "")]
    public void A_string_of_another_type_is_text_wherever_the_type_stands(string members, string text)
    {
        var data = Reading.Event(Reading.With(members)).Data;

        Assert.Equal(ContentKind.Text, data!.Kind);
        Assert.Equal(text, Reading.Text(data));
    }

    [Theory]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":{}", "#/data")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":null", "#/data")]
    [InlineData("\"data\":1,\"data_base64\":\"AA==\"", "#/data_base64")]
    [InlineData("\"data\":null,\"data_base64\":\"AA==\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"A\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"AA\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"AA==AA==\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"A A==\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"AA==\\n\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"A-_=\"", "#/data_base64")]
    [InlineData("\"data_base64\":\"é\"", "#/data_base64")]
    [InlineData("\"data_base64\":5", "#/data_base64")]
    [InlineData("\"data_base64\":{}", "#/data_base64")]
    public void Data_that_contradicts_its_type_or_form_is_refused(string members, string pointer) =>
        Assert.Equal(pointer, Reading.Error(Reading.With(members)).Pointer);

    [Fact]
    public void Base64_is_bytes_and_JSON_only_where_the_type_says_so()
    {
        var json = Convert.ToBase64String("""{"a":1}"""u8);

        Assert.Equal(new EventContent(ContentKind.Binary, new byte[] { 255, 0 }), Reading.Event(Reading.With("\"data_base64\":\"\\/wA=\"")).Data);
        Assert.Equal(ContentKind.Binary, Reading.Event(Reading.With($"\"data_base64\":\"{json}\"")).Data!.Kind);
        Assert.Equal(EventContent.FromJson("""{"a":1}"""), Reading.Event(Reading.With($"\"datacontenttype\":\"a/b+json\",\"data_base64\":\"{json}\"")).Data);
        Assert.Equal(ContentKind.Binary, Reading.Event(Reading.With("\"datacontenttype\":\"application/json\",\"data_base64\":\"/wA=\"")).Data!.Kind);
        Assert.Equal(ContentKind.Text, Reading.Event(Reading.With($"\"datacontenttype\":\"text/plain\",\"data_base64\":\"{json}\"")).Data!.Kind);
    }

    [Fact]
    public void Plain_JSON_may_leave_out_the_version_and_is_one_event()
    {
        Reading.Event(Reading.Json(ContentMode.Plain, """{"id":"1","source":"/s","type":"t"}"""));
        Reading.Event(Reading.Json(ContentMode.Plain, Reading.Minimal));
        Assert.Equal("#/specversion", Reading.Error(Reading.Json(ContentMode.Plain, """{"specversion":"2.0","id":"1","source":"/s","type":"t"}""")).Pointer);
        Assert.Contains("batch", Reading.Error(Reading.Json(ContentMode.Plain, $"[{Reading.Minimal}]")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostile_body_gets_a_bounded_number_of_errors()
    {
        var name = new string('n', 300_000);
        var repeats = string.Join(',', Enumerable.Repeat("\"d\":0", 100_000));

        var reading = Reading.With($"\"data\":{{\"{name}\":{{{repeats}}}}}");

        Assert.Empty(reading.Events);
        Assert.InRange(reading.Errors.Sum(error => error.Pointer.Length + error.Detail.Length), 1, 200_000);
        Assert.Equal("There are more errors; only the first ones are listed.", reading.Errors[^1].Detail);
    }
}
