namespace EventFunctions.Tests.EndToEnd;

public sealed class InProcessTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task An_event_completes_after_a_failed_delivery_in_process_and_over_the_wire(string inProcess)
    {
        await using var service = await Service.StartAsync(settings: [("LocalEventGrid:InProcess", inProcess)]);
        service.Producer.Status = 503;

        using var first = await service.PostAsync(Service.Event("delayed"));
        await service.ReachesAsync("delayed", "attemptFailed");
        service.Producer.Status = 200;
        var record = await service.ReachesAsync("delayed", "completed");

        Assert.Equal(202, (int)first.StatusCode);
        Assert.Equal("completed", record.GetProperty("status").GetString());
        Assert.Equal(["recorded", "attemptFailed", "delivered", "fetched", "completed"], Service.Steps(record).Distinct());
        Assert.Equal(StubProducer.DataOf("delayed"), await service.GetAsync("delayed", "/data"));
    }
}
