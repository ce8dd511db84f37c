using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Tests.Messages;

public sealed class AttemptWarningsTests
{
    private static readonly Producer Sender = new()
    {
        Name = "p",
        Source = "/s",
        Messages = new() { Id = new() { Pointer = "/id" }, Type = new() { Constant = "t" }, Time = new() { Header = "X-Sent" } },
        Verification = new() { Kind = VerificationKind.Hmac, Signature = new() { Header = "X-Signature", Timestamp = new() { Header = "x-sent" } } },
    };

    private static MessageEvent Read(string body) => Assert.Single(
        MessageReader.Read("/s", Sender.Messages!, new MessageEnvelope("POST", null, _ => ["2026-11-23T09:30:00Z"], Encoding.UTF8.GetBytes(body))).Events);

    private static EventRecord Recorded(EventNotification notification) => new()
    {
        Event = notification,
        Producer = "p",
        Fingerprint = Fingerprint.Of(notification),
        RecordedAt = DateTimeOffset.UnixEpoch,
        Status = EventStatus.Recorded,
        Timeline = [],
    };

    [Fact]
    public void A_time_of_sending_and_numbers_of_attempts_are_named()
    {
        var warnings = AttemptWarnings.Of(Sender, Read("""{"id":"1","attemptNumber":1,"delivery":{"retry-count":2},"deep":{"er":{"attempt":3}},"n":4}"""), null);

        Assert.Collection(
            warnings,
            warning => Assert.Contains("\"time\" comes from X-Sent", warning, StringComparison.Ordinal),
            warning => Assert.StartsWith("/attemptNumber ", warning, StringComparison.Ordinal),
            warning => Assert.StartsWith("/delivery/retry-count ", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_that_differs_from_the_recorded_one_with_its_ID_is_named_with_its_differences()
    {
        var recorded = Recorded(Read("""{"id":"1","a":{"b":1,"same":0},"gone":1}""").Event);

        Assert.DoesNotContain(AttemptWarnings.Of(Sender, Read("""{"gone":1,"a":{"same":0,"b":1},"id":"1"}"""), recorded), warning => warning.Contains("refused:", StringComparison.Ordinal));
        var warning = AttemptWarnings.Of(Sender, Read("""{"id":"1","a":{"b":2,"same":0},"new/":1}"""), recorded)[^1];
        Assert.EndsWith("messages.remove: /a/b, /gone, /new~1.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deliverycount")]
    [InlineData("delivery_count")]
    [InlineData("Delivery-Count")]
    [InlineData("deliveryCount")]
    public void A_number_of_attempts_is_named_however_the_sender_spells_it(string name) => Assert.Contains(
        AttemptWarnings.Of(Sender, Read($$"""{"id":"1","{{name}}":1}"""), null),
        warning => warning.StartsWith($"/{name} ", StringComparison.Ordinal));

    [Fact]
    public void Attributes_that_are_left_out_are_named()
    {
        var mapping = Sender.Messages! with { Time = new() { Pointer = "/sent" } };
        var read = Assert.Single(MessageReader.Read("/s", mapping, new MessageEnvelope("POST", null, _ => [], """{"id":"1","sent":"noon"}"""u8.ToArray())).Events);

        var warning = Assert.Single(AttemptWarnings.Of(Sender with { Messages = mapping }, read, null));

        Assert.StartsWith("The event is recorded without unusable attributes: left out time (", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_messages_that_are_no_objects_the_whole_differs()
    {
        var list = new Producer { Name = "p", Source = "/s", Messages = Sender.Messages! with { Id = new() { Constant = "1" } } };
        MessageEvent Read(string body) => Assert.Single(
            MessageReader.Read("/s", list.Messages!, new MessageEnvelope("POST", null, _ => ["2026-11-23T09:30:00Z"], Encoding.UTF8.GetBytes(body))).Events);

        var warning = Assert.Single(AttemptWarnings.Of(list, Read("[2]"), Recorded(Read("[1]").Event)));

        Assert.EndsWith("add what differs to messages.remove: the whole message.", warning, StringComparison.Ordinal);
    }
}
