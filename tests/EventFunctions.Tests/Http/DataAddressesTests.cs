using EventFunctions.Http;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Http;

public sealed class DataAddressesTests
{
    [Theory]
    [InlineData("https://policies.example.com/42", true)]
    [InlineData("http://8.8.8.8/42", true)]
    [InlineData("http://10.20.0.1/42", true)]
    [InlineData("http://10.0.0.1/42", false)]
    [InlineData("http://0x0a000001/42", false)]
    [InlineData("http://127.1/42", false)]
    [InlineData("http://[::1]/42", false)]
    [InlineData("https://LocalHost/42", false)]
    [InlineData("http://[::ffff:10.0.0.1]/42", false)]
    [InlineData("http://169.254.169.254/42", false)]
    public void Only_literal_addresses_that_a_fetch_may_dial_are_allowed(string url, bool allowed)
    {
        var refusal = new DataAddresses(Options.Create(new ProducerClientOptions { AllowedNetworks = ["10.20.0.0/16"] })).Refusal(new Uri(url));

        Assert.Equal(allowed, refusal is null);
    }
}
