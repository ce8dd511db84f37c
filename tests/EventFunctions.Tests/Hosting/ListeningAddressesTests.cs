using System.Net;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class ListeningAddressesTests
{
    [Theory]
    [InlineData("http://127.0.0.1:7071", "127.0.0.1:7071")]
    [InlineData("http://127.0.0.1:7071/; http://10.1.2.3:80;", "127.0.0.1:7071 10.1.2.3:80")]
    [InlineData("http://127.0.0.1:1;http://127.0.0.1:1", "127.0.0.1:1")]
    [InlineData("http://[::1]:7071", "[::1]:7071")]
    [InlineData("http://0.0.0.0:7071", "0.0.0.0:7071")]
    [InlineData("http://localhost:0", "127.0.0.1:0")]
    public void Urls_name_addresses(string urls, string expected) =>
        Assert.Equal(expected, string.Join(' ', ListeningAddresses.Parse(urls).EndPoints));

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("7071")]
    [InlineData("localhost:7071")]
    [InlineData("https://127.0.0.1:7071")]
    [InlineData("ftp://127.0.0.1:7071")]
    [InlineData("http://example.com:7071")]
    [InlineData("http://127.0.0.1:70710")]
    [InlineData("http://127.0.0.1:port")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:7071/path")]
    [InlineData("http://127.0.0.1:7071;nonsense")]
    [InlineData("http://unix:/tmp/socket")]
    public void What_is_no_url_to_listen_on_is_refused_in_one_line(string urls)
    {
        var refused = Assert.Throws<HostStartException>(() => ListeningAddresses.Parse(urls));

        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_port_that_is_taken_is_told_at_once_and_nothing_stays_open()
    {
        using var first = BoundListeners.Bind(ListeningAddresses.Parse("http://127.0.0.1:0"));
        var taken = first.EndPoints[0].Port;

        var refused = Assert.Throws<HostStartException>(() => BoundListeners.Bind(ListeningAddresses.Parse($"http://127.0.0.1:0;http://127.0.0.1:{taken}")));

        Assert.Contains("the port is in use", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void The_host_reaches_itself_through_loopback_where_it_can()
    {
        using var any = BoundListeners.Bind(ListeningAddresses.Parse("http://0.0.0.0:0"));
        using var both = BoundListeners.Bind(ListeningAddresses.Parse("http://0.0.0.0:0;http://127.0.0.1:0"));

        Assert.Equal(new Uri($"http://127.0.0.1:{any.EndPoints[0].Port}/"), any.SelfAddress);
        Assert.False(any.LoopbackOnly);
        Assert.Equal(new Uri($"http://127.0.0.1:{both.EndPoints.Single(e => IPAddress.IsLoopback(e.Address)).Port}/"), both.SelfAddress);
        Assert.False(both.LoopbackOnly);
    }
}
