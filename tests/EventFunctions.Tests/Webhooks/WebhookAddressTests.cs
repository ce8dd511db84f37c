using EventFunctions.Http.Webhooks;
using EventFunctions.Tests.Http;
using EventFunctions.Webhooks;
using static EventFunctions.Tests.Webhooks.Posting;

namespace EventFunctions.Tests.Webhooks;

public sealed class WebhookAddressTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    public async Task Addresses_that_are_not_public_are_not_dialled(string host)
    {
        await using var server = await StubServer.StartAsync();

        foreach (var scheme in new[] { "http", "https" })
        {
            var answer = await Client("10.20.0.0/16").SendAsync(Request(new Uri($"{scheme}://{host}:{server.Url.Port}/")), Stop);
            Assert.Equal((null, WebhookFault.RefusedAddress), (answer.Status, answer.Fault));
        }

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Plain_http_is_spoken_only_to_networks_that_the_setting_names()
    {
        var answer = await Client("127.0.0.0/8").SendAsync(Request(new Uri("http://8.8.8.8/")), Stop);

        Assert.Equal(WebhookFault.RefusedAddress, answer.Fault);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_network_that_the_setting_names_is_dialled_however_it_is_spelt(string host)
    {
        await using var server = await StubServer.StartAsync();

        Assert.True((await Client("127.0.0.0/8").SendAsync(Request(new Uri($"http://{host}:{server.Url.Port}/")), Stop)).IsDelivered);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_a_fault()
    {
        var answer = await Client().SendAsync(Request(new Uri("https://crm.invalid/")), Stop);

        Assert.Contains(answer.Fault, new[] { WebhookFault.UnknownName, WebhookFault.Connection });
    }

    [Fact]
    public void Settings_that_make_no_sense_are_named()
    {
        var lines = new WebhookClientOptions { AllowedNetworks = ["127.0.0.0/8", "everywhere"], ConnectTimeout = TimeSpan.FromMinutes(1) }.Validate().ToList();

        Assert.Equal(["Webhooks:AllowedNetworks:1 is", "Webhooks:ConnectTimeout is"], lines.Select(line => string.Join(' ', line.Split(' ')[..2])));
        Assert.All(lines, line => Assert.Contains("example:", line, StringComparison.Ordinal));
    }
}
