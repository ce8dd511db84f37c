using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Functions;

namespace EventFunctions.Tests.Hosting;

public sealed class TopicEventTests
{
    [Fact]
    public void An_ID_that_the_host_has_written_in_another_form_is_restored()
    {
        var sent = new EventKey("/s", "2026-01-31T08:30:00.000+02:00");
        var delivered = new CloudEvent(sent.Source, "t", jsonSerializableData: null)
        {
            Id = "2026-01-31T06:30:00Z",
            ExtensionAttributes = { [ReservedNames.KeyAttribute] = ExactKey.Of(sent)!, ["replay"] = 1 },
        };

        var read = TopicEvent.Read(delivered);

        Assert.Equal(sent, read.Key);
        Assert.Equal("replay", Assert.Single(read.Extensions).Key);
    }
}
