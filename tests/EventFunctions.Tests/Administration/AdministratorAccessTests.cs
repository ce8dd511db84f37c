using System.Net;
using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Administration;

public sealed class AdministratorAccessTests
{
    private const string Key = "an administration key of the tests";
    private static readonly IConfiguration Nothing = new ConfigurationBuilder().Build();

    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger<RefusalLog> _log = new();

    [Fact]
    public async Task Wrong_keys_are_counted_by_address_and_the_right_one_is_accepted_all_the_same()
    {
        var access = Access();

        var wrong = new List<int>();
        for (var i = 0; i < 1000; i++)
        {
            wrong.Add(await StatusAsync(access, "wrong", "192.0.2.1"));
        }

        Assert.Equal(Enumerable.Repeat(403, 20).Concat(Enumerable.Repeat(429, 980)), wrong);
        Assert.Equal(200, await StatusAsync(access, Key, "192.0.2.1"));
        Assert.Equal(403, await StatusAsync(access, "wrong", "192.0.2.2"));
        Assert.Equal(403, await StatusAsync(access, null, "192.0.2.1"));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(403, await StatusAsync(access, "wrong", "192.0.2.1"));
        Assert.Single(_log.Lines, line => line.Text.Contains("1000 times", StringComparison.Ordinal) && line.Text.Contains("192.0.2.1", StringComparison.Ordinal));
        Assert.Equal(4, _log.Lines.Count);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains(": wrong", StringComparison.Ordinal) || line.Text.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_says_when_to_come_again()
    {
        var access = Access();
        for (var i = 0; i < 20; i++)
        {
            await StatusAsync(access, "wrong", "192.0.2.1");
        }

        _time.Advance(TimeSpan.FromSeconds(15));

        var answer = Assert.IsType<Problem>(await access.RunAsync(Request("wrong", "192.0.2.1"), _ => throw new InvalidOperationException("It ran.")));
        Assert.Equal([new("Retry-After", "45")], answer.Headers);
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", null, true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", null, false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1", "app", false)]
    [InlineData("127.0.0.1", "127.0.0.1", null, true)]
    public async Task Callers_are_told_apart_by_their_network_and_in_Azure_by_what_the_platform_says(string one, string other, string? app, bool isOne)
    {
        var access = Access(app);
        for (var i = 0; i < 21; i++)
        {
            await StatusAsync(access, "wrong", one, "203.0.113.9, 198.51.100.1:4711");
        }

        Assert.Equal(isOne ? 429 : 403, await StatusAsync(access, "wrong", other, "198.51.100.1:4711, 198.51.100.2:4711"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Where_nobody_is_an_administrator_every_call_is_refused(string? key)
    {
        var access = Access(key: key);
        var request = new DefaultHttpContext().Request;
        request.Headers["x-admin-key"] = "";

        var answer = await access.RunAsync(request, _ => throw new InvalidOperationException("It ran."));

        Assert.Equal(StatusCodes.Status403Forbidden, Assert.IsType<Problem>(answer).Status);
    }

    private AdministratorAccess Access(string? app = null, string? key = Key)
    {
        var options = Options.Create(new AdministrationOptions { Key = key });
        return new(
            options,
            new PlatformPrincipal(Nothing),
            new AdministrationLog(Substitute.For<IDocumentStore>(), _time, options, NullLogger<AdministrationLog>.Instance),
            new KeyRefusals(new RefusalLog(_time, _log), new ConfigurationBuilder().AddInMemoryCollection([new("WEBSITE_SITE_NAME", app)]).Build()));
    }

    private static HttpRequest Request(string? key, string address, string? forwarded = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers["X-Forwarded-For"] = forwarded;
        context.Request.Headers["x-admin-key"] = key;
        return context.Request;
    }

    private static async Task<int> StatusAsync(AdministratorAccess access, string? key, string address, string? forwarded = null) =>
        await access.RunAsync(Request(key, address, forwarded), _ => Task.FromResult(Results.Ok())) is Problem problem ? problem.Status : 200;

    [Fact]
    public void A_setting_that_lets_in_nobody_or_anybody_stops_the_host()
    {
        var options = new AdministrationOptions { Administrators = ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "ann@example.com"], Key = "short", LogTimeToLive = TimeSpan.Zero };

        Assert.Equal(
            ["Administration:Administrators:1 is \"ann@example.com\"", "Administration:Key has fewer than 32 characters", "Administration:LogTimeToLive is 00:00:00"],
            options.Validate().Select(failure => failure[..failure.IndexOfAny([';', ','])]));
    }
}
