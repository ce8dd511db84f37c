using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class WorkInProgressTests
{
    [Fact]
    public void It_describes_what_is_running()
    {
        var work = new WorkInProgress();
        Assert.Null(work.Describe());

        using var delivery = work.BeginDelivery();
        Assert.Equal("1 webhook delivery", work.Describe());
        using (work.BeginEvents(3))
        using (work.BeginDelivery())
        {
            Assert.Equal("3 events and 2 webhook deliveries", work.Describe());
        }

        Assert.Equal("1 webhook delivery", work.Describe());
    }
}
