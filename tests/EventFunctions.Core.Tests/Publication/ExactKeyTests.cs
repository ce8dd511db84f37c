using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;

namespace EventFunctions.Tests.Publication;

public sealed class ExactKeyTests
{
    [Theory]
    [InlineData("/s", "2026-01-31T08:30:00Z")]
    [InlineData("/s", "2026-01-31T08:30:00.000Z")]
    [InlineData("/s", "2026-01-31T08:30:00.1234567+02:00")]
    [InlineData("/s", "/Date(1700000000000)/")]
    [InlineData("/Date(1700000000000)/", "é")]
    public void An_identity_that_looks_like_a_time_is_carried_in_an_attribute_of_its_own(string source, string id)
    {
        var key = new EventKey(source, id);

        Assert.Equal(key, ExactKey.Read(ExactKey.Of(key)));
    }

    [Theory]
    [InlineData("renewal-42")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T08:30:00Z and a text that makes it too long")]
    [InlineData("6e8bc430-9c3a-11d9-9669-0800200c9a66")]
    public void Other_identities_need_none(string id) => Assert.Null(ExactKey.Of(new EventKey("/s", id)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("AAAA")]
    [InlineData("Cgo")]
    public void Text_that_is_no_key_is_ignored(string? text) => Assert.Null(ExactKey.Read(text));

    [Fact]
    public void Only_the_topic_gets_the_attribute()
    {
        var notification = new EventNotification { Id = "2026-01-31T08:30:00.000Z", Source = "/s", Type = "t" };

        Assert.Equal(notification.Key, ExactKey.Read(Attribute(EventEncoder.EncodeForTopic(notification, run: 0))));
        Assert.Null(Attribute(EventEncoder.Encode(notification, run: 0)));
        Assert.Null(Attribute(EventEncoder.EncodeForTopic(notification with { Id = "1" }, run: 0)));
    }

    private static string? Attribute(ReadOnlyMemory<byte> encoded)
    {
        using var json = JsonDocument.Parse(encoded);
        return json.RootElement.TryGetProperty(ReservedNames.KeyAttribute, out var value) ? value.GetString() : null;
    }
}
