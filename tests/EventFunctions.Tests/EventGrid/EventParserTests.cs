using System.Text;
using EventFunctions.Local.EventGrid;

namespace EventFunctions.Tests.EventGrid;

public sealed class EventParserTests
{
    private const string TopicId = "/topics/classic";
    private const string Cloud = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"";
    private const string Classic = "\"id\":\"1\",\"subject\":\"s\",\"eventType\":\"t\",\"eventTime\":\"2026-01-02T03:04:05Z\"";

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[", "not valid JSON")]
    [InlineData("[]", "does not conform")]
    [InlineData("[null]", "does not conform")]
    [InlineData("[1]", "does not conform")]
    [InlineData("\"text\"", "does not conform")]
    [InlineData("{" + Cloud + "} x", "not valid JSON")]
    [InlineData("{" + Cloud + "}{" + Cloud + "}", "not valid JSON")]
    [InlineData("{" + Cloud + ",\"data\":{\"a\":01}}", "not valid JSON")]
    [InlineData("{" + Cloud + ",\"data\":NaN}", "not valid JSON")]
    [InlineData("{" + Cloud + ",\"subject\":\"\\ud800\"}", "not valid JSON")]
    [InlineData("{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}", "requires 'id' property to be set")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/s\",\"type\":\"t\"}", "requires 'id' property to be set")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":null,\"source\":\"/s\",\"type\":\"t\"}", "requires 'id' property to be set")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":7,\"source\":\"/s\",\"type\":\"t\"}", "'id' property to be a string")]
    [InlineData("{\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}", "requires 'specversion' property")]
    [InlineData("{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}", "must be '1.0'")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}", "requires 'source' property")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"}", "requires 'type' property")]
    [InlineData("{" + Cloud + ",\"id\":\"2\"}", "'id' is there more than once")]
    [InlineData("{" + Cloud + ",\"data\":1,\"data\":2}", "'data' is there more than once")]
    [InlineData("{" + Cloud + ",\"time\":\"yesterday\"}", "'time' property is not a date")]
    [InlineData("{" + Cloud + ",\"tenant\":\"a\",\"tenant\":\"b\"}", "'tenant' is there more than once")]
    [InlineData("{" + Cloud + ",\"subject\":null,\"subject\":\"s\"}", "'subject' is there more than once")]
    [InlineData("{" + Cloud + ",\"dataVersion\":\"1\"}", "Received unexpected property 'dataVersion'")]
    [InlineData("{" + Cloud + ",\"sas_url\":\"1\"}", "Received unexpected property 'sas_url'")]
    [InlineData("{" + Cloud + ",\"data\":1,\"data_base64\":\"AA==\"}", "not both")]
    public void CloudEvents_that_are_none_are_refused(string body, string message) => AssertRefused(body, EventSchema.CloudEvents, message);

    [Theory]
    [InlineData("[{\"id\":\"1\",\"eventType\":\"t\",\"eventTime\":\"2026-01-02T03:04:05Z\"}]", "requires 'subject' property")]
    [InlineData("[{\"id\":\"1\",\"subject\":\"s\",\"eventTime\":\"2026-01-02T03:04:05Z\"}]", "requires 'eventType' property")]
    [InlineData("[{\"id\":\"1\",\"subject\":\"s\",\"eventType\":\"t\"}]", "requires 'eventTime' property")]
    [InlineData("[{" + Classic + ",\"metadataVersion\":\"2\"}]", "'metadataVersion' property must be '1'")]
    [InlineData("[{" + Classic + ",\"topic\":\"/topics/other\"}]", "'topic' property must be")]
    [InlineData("[{" + Cloud + "}]", "Received unexpected property 'specversion'")]
    [InlineData("[{" + Classic + ",\"source\":\"/s\"}]", "'EventGridEvent' schema. Received unexpected property 'source' in JSON which does not conform to the expected schema.")]
    [InlineData("[{" + Classic + ",\"topic\":\"\",\"topic\":null}]", "'topic' is there more than once")]
    public void Events_that_are_not_in_the_Event_Grid_schema_are_refused(string body, string message) =>
        AssertRefused(body, EventSchema.EventGrid, message);

    [Fact]
    public void A_CloudEvents_topic_refuses_the_Event_Grid_schema() =>
        AssertRefused("[{" + Classic + "}]", EventSchema.CloudEvents, "Received unexpected property 'eventType'");

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused_wherever_they_are()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("{" + Cloud + ",\"data\":\""), 0xC3, 0x28, .. "\"}"u8];

        Assert.Throws<RefusedPublicationException>(() => EventParser.Parse(body, EventSchema.CloudEvents, BodyForm.Any, TopicId));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    public void Deep_payloads_are_taken(int depth)
    {
        var data = new string('[', depth) + new string(']', depth);

        var events = Parse("[{" + Cloud + ",\"data\":" + data + "}]", EventSchema.CloudEvents);

        Assert.Single(events);
    }

    [Fact]
    public void A_payload_of_endless_depth_is_refused() =>
        AssertRefused("{" + Cloud + ",\"data\":" + new string('[', 500_000), EventSchema.CloudEvents, "not valid JSON");

    [Fact]
    public void Events_keep_their_bytes_and_tell_type_and_subject()
    {
        const string First = "{ \"specversion\":\"1.0\", \"id\":\"1\",\"source\":\"/s\",\"type\":\"caf\\u00e9\",\"data\":123456789012345678901234567890.10 }";
        const string Second = "{" + Cloud + ",\"subject\":\"it\"}";

        var body = $" [ {First} ,\n{Second}]";
        var events = Parse(body, EventSchema.CloudEvents);

        Assert.Equal([First, Second], events.Select(e => body[e.Start..e.End]));
        Assert.Equal(["café", "t"], events.Select(e => e.Type));
        Assert.Equal([null, "it"], events.Select(e => e.Subject));
    }

    private static void AssertRefused(string body, EventSchema schema, string message)
    {
        var refused = Assert.Throws<RefusedPublicationException>(() => Parse(body, schema));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private static List<GridEvent> Parse(string body, EventSchema schema) =>
        EventParser.Parse(Encoding.Latin1.GetBytes(body), schema, BodyForm.Any, TopicId);
}
