using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Administration;

public sealed class AdministratorAccessTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Where_nobody_is_an_administrator_every_call_is_refused(string? key)
    {
        var options = Options.Create(new AdministrationOptions { Key = key });
        var access = new AdministratorAccess(
            options,
            new PlatformPrincipal(new ConfigurationBuilder().Build()),
            new AdministrationLog(Substitute.For<IDocumentStore>(), TimeProvider.System, options, NullLogger<AdministrationLog>.Instance));
        var request = new DefaultHttpContext().Request;
        request.Headers["x-admin-key"] = "";

        var answer = await access.RunAsync(request, _ => throw new InvalidOperationException("It ran."));

        Assert.Equal(StatusCodes.Status403Forbidden, Assert.IsType<Problem>(answer).Status);
    }

    [Fact]
    public void A_setting_that_lets_in_nobody_or_anybody_stops_the_host()
    {
        var validated = new AdministrationOptionsValidator().Validate(
            null, new AdministrationOptions { Administrators = ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "ann@example.com"], Key = "short", LogTimeToLive = TimeSpan.Zero });

        Assert.Equal(
            ["Administration:Administrators:1 is \"ann@example.com\"", "Administration:Key has fewer than 32 characters", "Administration:LogTimeToLive is 00:00:00"],
            validated.Failures!.Select(failure => failure[..failure.IndexOfAny([';', ','])]));
    }
}
