using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Tests.Enrichment;

public sealed class DataContentTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=utf-8")]
    [InlineData("text/json")]
    [InlineData("application/vnd.policies.v1+json")]
    public void Json_by_its_content_type_stays_json_byte_for_byte(string contentType)
    {
        var json = Encoding.UTF8.GetBytes(" { \"n\" : 123456789012345678901234567890.10 } ");

        var content = DataContent.Of(contentType, json);

        Assert.Equal(new EventContent(ContentKind.Json, json), content);
    }

    [Fact]
    public void A_byte_order_mark_before_json_is_dropped()
    {
        byte[] json = [0xEF, 0xBB, 0xBF, (byte)'1'];

        Assert.Equal(EventContent.FromJson("1"), DataContent.Of("application/json", json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// comment\n1")]
    [InlineData("NaN")]
    [InlineData("<html>")]
    public void What_should_be_json_and_is_not_is_refused_for_good(string body)
    {
        var error = Assert.Throws<FetchException>(() => DataContent.Of("application/json", Encoding.UTF8.GetBytes(body)));

        Assert.Equal((FailureReason.InvalidContent, true), (error.Reason, error.Permanent));
    }

    [Fact]
    public void Json_with_invalid_utf8_within_a_string_is_refused()
    {
        byte[] json = [(byte)'"', 0xC3, 0x28, (byte)'"'];

        Assert.Throws<FetchException>(() => DataContent.Of("application/json", json));
    }

    [Theory]
    [InlineData(62, true)]
    [InlineData(63, false)]
    public void Json_is_at_most_as_deep_as_consumers_can_read_within_the_event(int depth, bool accepted)
    {
        var json = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));

        var error = Record.Exception(() => DataContent.Of("application/json", json));

        Assert.Equal(accepted, error is null);
    }

    [Theory]
    [InlineData("text/plain", ContentKind.Text)]
    [InlineData("text/csv; charset=UTF-8", ContentKind.Text)]
    [InlineData("text/plain; charset=\"us-ascii\"", ContentKind.Text)]
    [InlineData("text/plain; charset=iso-8859-1", ContentKind.Text)]
    [InlineData("text/plain; charset=utf-16", ContentKind.Binary)]
    [InlineData("application/xml", ContentKind.Binary)]
    [InlineData("application/pdf", ContentKind.Binary)]
    [InlineData("no media type", ContentKind.Binary)]
    [InlineData(null, ContentKind.Binary)]
    public void Text_in_a_known_charset_is_text_and_everything_else_bytes(string? contentType, ContentKind expected) =>
        Assert.Equal(expected, DataContent.Of(contentType, Encoding.UTF8.GetBytes("plain")).Kind);

    [Fact]
    public void Text_that_is_not_utf8_is_kept_as_bytes() =>
        Assert.Equal(ContentKind.Binary, DataContent.Of("text/plain", new byte[] { 0xFF, 0xFE, 0x41 }).Kind);
}
