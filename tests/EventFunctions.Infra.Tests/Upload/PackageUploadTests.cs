using System.Net;
using EventFunctions.Infra.Upload;
using static EventFunctions.Infra.Tests.Upload.ScriptedAzure;

namespace EventFunctions.Infra.Tests.Upload;

public sealed class PackageUploadTests
{
    private const string Failing = """{"state":"Error","errors":["Exceeded language worker restart retry count for runtime:dotnet-isolated."]}""";

    [Fact]
    public async Task A_package_is_deployed_when_the_app_runs_its_functions()
    {
        using var azure = new ScriptedAzure().Answer(Deployment, HttpStatusCode.OK, """{"status":1}""", times: 2).Answer(Deployment, HttpStatusCode.OK, """{"status":4}""");

        var told = await azure.DeployAsync();

        Assert.Contains("The app runs EnrichEvent, RecordDeadLetters.", told, StringComparison.Ordinal);
        Assert.Equal([Publish, Deployment, Deployment, Deployment, Host, Functions], azure.Requests.Select(r => r.What));
        Assert.Equal("https://events-1.scm.azurewebsites.net/api/publish?RemoteBuild=false&Deployer=eventfunctions", azure.Requests[0].Url.AbsoluteUri);
        Assert.All(azure.Requests, r => Assert.Equal("https://management.azure.com/.default", r.Scope));
    }

    [Fact]
    public async Task Nothing_is_asked_of_addresses_that_the_app_may_restrict()
    {
        using var azure = new ScriptedAzure().Answer(Host, HttpStatusCode.OK, Failing);

        await azure.DeployAsync();

        Assert.Subset(
            new HashSet<string> { "events-1.scm.azurewebsites.net", "management.azure.com", "api.loganalytics.io" }, azure.Requests.Select(r => r.Url.Host).ToHashSet());
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "no role")]
    [InlineData(HttpStatusCode.Conflict, "another deployment")]
    [InlineData(HttpStatusCode.NotFound, "no such site")]
    [InlineData(HttpStatusCode.BadGateway, "the site starts")]
    [InlineData(null, "name not known")]
    public async Task What_passes_is_tried_again(HttpStatusCode? status, string body)
    {
        using var azure = new ScriptedAzure().Answer(Publish, status, body, times: 3).Answer(Publish, HttpStatusCode.Accepted, "\"d1\"");

        Assert.Contains("The app runs", await azure.DeployAsync(), StringComparison.Ordinal);
        Assert.Equal(4, azure.Count(Publish));
    }

    [Fact]
    public async Task A_role_that_is_missing_for_good_ends_the_deployment()
    {
        using var azure = new ScriptedAzure().Answer(Publish, HttpStatusCode.Forbidden, "not you");

        Assert.Equal(
            "events-1 refuses the package (403 not you). Whoever runs pulumi up needs the role Contributor or Website Contributor on the app. Run 'pulumi up' again.",
            await azure.DeployAsync());
        Assert.InRange(azure.Time.Passed, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task A_package_that_is_none_is_not_tried_again()
    {
        using var azure = new ScriptedAzure().Answer(Publish, HttpStatusCode.UnsupportedMediaType, "no zip\nfile");

        Assert.Equal("events-1 refuses the package: 415 no zip file.", await azure.DeployAsync());
        Assert.Equal([Publish], azure.Requests.Select(r => r.What));
    }

    [Theory]
    [InlineData(Publish, HttpStatusCode.ServiceUnavailable, "", "events-1 takes no package within 15 minutes: 503. Run 'pulumi up' again.")]
    [InlineData(Deployment, HttpStatusCode.OK, """{"status":2}""", "The deployment does not end within 15 minutes: 200 {\"status\":2}. Run 'pulumi up' again.")]
    [InlineData(Deployment, null, "cut off", "The deployment does not end within 15 minutes: cut off. Run 'pulumi up' again.")]
    [InlineData(Functions, HttpStatusCode.OK, """{"value":[{"name":"events-1/EnrichEvent"}]}""", "After 15 minutes the app has no function RecordDeadLetters (host: 200 {\"state\":\"Running\"}). Look at its log stream in the portal. Run 'pulumi up' again.")]
    [InlineData(Host, HttpStatusCode.ServiceUnavailable, "", "After 15 minutes the app has no function EnrichEvent, RecordDeadLetters (host: 503). Look at its log stream in the portal. Run 'pulumi up' again.")]
    public async Task No_deployment_goes_on_for_ever(string what, HttpStatusCode? status, string body, string error)
    {
        using var azure = new ScriptedAzure().Answer(what, status, body);

        Assert.Equal(error, await azure.DeployAsync());
        Assert.InRange(azure.Time.Passed, PackageUpload.Budget, PackageUpload.Budget + TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_deployment_that_fails_says_why()
    {
        using var azure = new ScriptedAzure()
            .Answer(Deployment, HttpStatusCode.OK, """{"status":3}""")
            .Answer(DeploymentLog, HttpStatusCode.OK, """[{"message":"Validating."},{"message":"The storage container was not found."}]""");

        Assert.Equal("The deployment failed: The storage container was not found. Run 'pulumi up' again.", await azure.DeployAsync());
    }

    [Fact]
    public async Task An_app_that_does_not_start_says_why_in_its_own_words()
    {
        using var azure = new ScriptedAzure()
            .Answer(Host, HttpStatusCode.OK, Failing)
            .Answer(Log, HttpStatusCode.OK, """{"tables":[{"rows":[]}]}""", times: 2)
            .Answer(Log, HttpStatusCode.OK, """{"tables":[{"rows":[["EventFunctions: error: Relay:PageSize is \"many\", which is no whole number; example: 500."]]}]}""");

        Assert.Equal("The app does not start: Relay:PageSize is \"many\", which is no whole number; example: 500. Mend that. Run 'pulumi up' again.", await azure.DeployAsync());
        Assert.Equal(3, azure.Count(Log));
        Assert.Contains("datetime(2026-03-01T12:00:00.0000000Z)", azure.Query, StringComparison.Ordinal);
        Assert.Equal("https://api.loganalytics.io/.default", azure.Requests[^1].Scope);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.OK)]
    public async Task Without_the_apps_log_the_hosts_error_is_told(HttpStatusCode log)
    {
        using var azure = new ScriptedAzure().Answer(Host, HttpStatusCode.OK, Failing).Answer(Log, log, """{"tables":[{"rows":[]}]}""");

        Assert.StartsWith("The app does not start: Exceeded language worker restart retry count", await azure.DeployAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_hosts_that_passes_is_none()
    {
        using var azure = new ScriptedAzure().Answer(Host, HttpStatusCode.OK, Failing, times: 5).Answer(Host, HttpStatusCode.OK, """{"state":"Running","errors":[]}""");

        Assert.Contains("The app runs", await azure.DeployAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Functions_that_Azure_does_not_know_yet_are_synchronized()
    {
        using var azure = new ScriptedAzure().Answer(Functions, HttpStatusCode.OK, """{"value":[]}""", times: 30).Answer(Functions, Good200, AllFunctions);

        Assert.Contains("The app runs", await azure.DeployAsync(), StringComparison.Ordinal);
        Assert.InRange(azure.Count(Sync), 1, 3);
    }

    [Fact]
    public async Task Where_the_host_does_not_tell_its_state_the_functions_decide()
    {
        using var azure = new ScriptedAzure().Answer(Host, HttpStatusCode.Forbidden, "not through here");

        Assert.Contains("The host does not tell its state (403 not through here); the functions are there.", await azure.DeployAsync(), StringComparison.Ordinal);
        Assert.True(azure.Count(Log) > 0);
    }

    [Fact]
    public async Task Without_a_login_the_error_names_both_ways_to_sign_in()
    {
        using var azure = new ScriptedAzure { IsSignedOut = true };

        var error = await azure.DeployAsync();

        Assert.Contains("Sign in with 'az login', or set ARM_CLIENT_ID", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    private const HttpStatusCode Good200 = HttpStatusCode.OK;
    private const string AllFunctions =
        """{"value":[{"name":"events-1/EnrichEvent"},{"name":"events-1/RecordDeadLetters"}]}""";
}
