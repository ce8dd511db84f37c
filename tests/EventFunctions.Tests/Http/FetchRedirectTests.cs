using EventFunctions.Records;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class FetchRedirectTests
{
    [Theory]
    [InlineData(301, "/api/there")]
    [InlineData(302, "there")]
    [InlineData(303, "./there")]
    [InlineData(307, "/api/x/../there")]
    [InlineData(308, "there#part")]
    public async Task Redirects_under_the_base_url_are_followed(int status, string location)
    {
        await using var server = await StubServer.StartAsync(context =>
            context.Request.Path == "/api/there" ? Body([7])(context) : Redirect(status, location)(context));

        var fetched = await FetchAsync(server, "here");

        Assert.Equal(new Uri(server.Url, "api/there"), fetched.Url);
        Assert.Equal([7], fetched.Body.ToArray());
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_not_followed_and_no_secret_leaves()
    {
        await using var other = await StubServer.StartAsync(Body([7]));
        await using var server = await StubServer.StartAsync(Redirect(302, new Uri(other.Url, "api/").AbsoluteUri));

        var error = await FailAsync(server);

        Assert.Equal((FailureReason.OutsideBaseUrl, true), (error.Reason, error.Permanent));
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/apix/")]
    [InlineData("../x")]
    [InlineData("%2e%2e/x")]
    [InlineData("..%2fx")]
    [InlineData("//169.254.169.254/api/")]
    [InlineData("http://localhost/api/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_out_of_the_base_url_is_not_followed(string location)
    {
        await using var server = await StubServer.StartAsync(Redirect(302, location));

        var error = await FailAsync(server, path: "");

        Assert.Equal(FailureReason.OutsideBaseUrl, error.Reason);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Five_redirects_are_followed_and_a_sixth_is_not()
    {
        await using var server = await StubServer.StartAsync();
        server.Answer = context => server.Requests.Count <= 5 ? Redirect(302, $"r{server.Requests.Count}")(context) : Body([7])(context);
        await FetchAsync(server);
        Assert.Equal(6, server.Requests.Count);

        server.Answer = Redirect(302, "again");
        var error = await FailAsync(server);

        Assert.Equal((FailureReason.BadAnswer, true), (error.Reason, error.Permanent));
        Assert.Equal(12, server.Requests.Count);
    }
}
