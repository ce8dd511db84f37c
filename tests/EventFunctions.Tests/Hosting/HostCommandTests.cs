using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class HostCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly TemporaryFolder _temp = new();

    public void Dispose()
    {
        _temp.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("nonsense")]
    [InlineData("nonsense\u001B]0;title\u0007\u202E\u2028")]
    [InlineData("--urls")]
    [InlineData("--urls nonsense")]
    [InlineData("--urls http://127.0.0.1:1 --urls http://127.0.0.1:2")]
    [InlineData("--setting nonsense")]
    [InlineData("--setting =nonsense")]
    [InlineData("--events 5")]
    [InlineData("demo --events 0")]
    [InlineData("demo --events many")]
    [InlineData("demo --events 99999999")]
    [InlineData("demo --seed -1")]
    [InlineData("eventgrid --functions nonsense")]
    [InlineData("eventgrid --functions ftp://127.0.0.1/")]
    public async Task What_makes_no_sense_is_told_in_one_line_and_exits_2(string arguments)
    {
        Assert.Equal(2, await RunAsync(arguments));

        Assert.DoesNotContain(Assert.Single(_error.ToString().TrimEnd().Split('\n')), c => char.IsControl(c) || c > '~');
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task A_data_folder_in_use_is_told_in_one_line_and_exits_2()
    {
        using var taken = DataFolder.Open(_temp.Path);

        Assert.Equal(2, await RunAsync($"--urls http://127.0.0.1:0 --data {_temp.Path}"));

        Assert.Contains("in use by another process", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_is_told_in_one_line_and_exits_2()
    {
        using var taken = BoundListeners.Bind(ListeningAddresses.Parse("http://127.0.0.1:0"));

        Assert.Equal(2, await RunAsync($"--urls http://{taken.EndPoints[0]} --data {_temp.Path}"));

        Assert.Contains("the port is in use", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_others_reach_needs_a_key_before_anything_starts()
    {
        Assert.Equal(2, await RunAsync($"--urls http://0.0.0.0:0 --data {_temp.Path}"));

        Assert.Contains("Keys:Host", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Api:ContinuationKey=short", "Api:ContinuationKey")]
    [InlineData("Enrichment:Budget=soon", "Enrichment:Budget is \"soon\", but must be a duration; example: 00:00:20.")]
    [InlineData("Enrichment:PublicUrl=nowhere", "Enrichment:PublicUrl")]
    [InlineData("Enrichment:PublicUrl=https://events.example.com/?code=1", "Enrichment:PublicUrl")]
    [InlineData("Enrichment:RecordTimeToLive=1", "Enrichment:RecordTimeToLive")]
    [InlineData("EventGrid:Endpoint=nowhere", "EventGrid:Endpoint")]
    [InlineData("Intake:FirstRelayAfter=abc", "Intake:FirstRelayAfter is \"abc\", but must be a duration; example: 00:10:00.")]
    [InlineData("Intake:FirstRelayAfter=-00:00:01", "Intake:FirstRelayAfter is -00:00:01, but must be from 00:00:00.1")]
    [InlineData("Intake:StoreBudget=5", "Intake:StoreBudget is 5.00:00:00")]
    [InlineData("Intake:FirstRelyAfter=00:00:01", "Intake:FirstRelyAfter is not a setting. Use one of ")]
    [InlineData("Intake:FirstRelayAfter:Value=1", "Intake:FirstRelayAfter")]
    [InlineData("LocalEventGrid:AcceptBearerTokens=perhaps", "LocalEventGrid:AcceptBearerTokens")]
    [InlineData("LocalEventGrid:DataFolder=elsewhere", "LocalEventGrid:DataFolder is not a setting")]
    [InlineData("LocalEventGrid:DeliveryConcurrency=0", "LocalEventGrid:DeliveryConcurrency is 0, but must be from 1")]
    [InlineData("LocalEventGrid:Enrichment=maybe", "LocalEventGrid:Enrichment is \"maybe\", but must be true or false; example: True.")]
    [InlineData("LocalEventGrid:RetryDelays:0=x", "LocalEventGrid:RetryDelays:0")]
    [InlineData("LocalEventGrid:RetryDelays:0=-00:00:01", "LocalEventGrid:RetryDelays:0 is -00:00:01, but must be from 00:00:00")]
    [InlineData("Keys:Hots=secret", "Keys:Hots is not a setting. Use one of EventGrid, Functions, Host.")]
    [InlineData("Sample:Enabeld=false", "Sample:Enabeld is not a setting. Use one of Enabled, Every, FetchLog.")]
    [InlineData("AllowedHosts=foo", "AllowedHosts is a list, but is set to \"foo\". Write AllowedHosts:0")]
    [InlineData("LocalEventGrid:RetryScale=NaN", "LocalEventGrid:RetryScale")]
    [InlineData("LocalEventGrid:RetryScale=0,5", "LocalEventGrid:RetryScale is \"0,5\", but must be a number")]
    [InlineData("Logging:LogLevel:Default=Loud", "Logging:LogLevel:Default is \"Loud\"")]
    [InlineData("ProducerClient:AllowedNetworks:0=everywhere", "ProducerClient:AllowedNetworks:0")]
    [InlineData("Producers:0:name=claims", "Producers:0:source")]
    [InlineData("Publication:MaxConcurrentRequests=0", "Publication:MaxConcurrentRequests")]
    [InlineData("Relay:PageSize=99999999999", "Relay:PageSize is \"99999999999\", but must be a whole number; example: 500.")]
    [InlineData("Sample:Enabled=perhaps", "Sample:Enabled")]
    [InlineData("Sample:Every=-00:00:01", "Sample:Every is \"-00:00:01\", but must be a duration up to a day")]
    [InlineData("Sample:Every=often", "Sample:Every is \"often\"")]
    [InlineData("Sample:FetchLog=", "")]
    [InlineData("Store=Elsewhere", "Store is \"Elsewhere\"")]
    [InlineData("TickSchedule=often", "\"often\" is not an NCRONTAB expression")]
    [InlineData("WEBSITE_SITE_NAME=app", "Store is Sqlite, but this is Azure (WEBSITE_SITE_NAME is set)")]
    public async Task A_wrong_setting_is_named_in_one_line_and_exits_2(string setting, string told)
    {
        if (told.Length == 0)
        {
            setting += Path.Combine(_temp.Path, "no", "such", "folder");
            told = "Sample:FetchLog";
        }

        var run = RunAsync($"--urls http://127.0.0.1:0 --data {_temp.Path} --setting {setting}");
        Assert.Equal(2, await run.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        Assert.Contains(told, Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task All_wrong_settings_are_named_together()
    {
        Assert.Equal(2, await RunAsync($"--urls http://127.0.0.1:0 --data {_temp.Path} --setting Intake:StoreBudget=soon --setting Intake:Unknown=1 --setting Relay:PageSize=0 --setting Api:ContinuationKey=short"));

        var told = Assert.Single(_error.ToString().TrimEnd().Split('\n'));
        Assert.All(["Intake:StoreBudget", "Intake:Unknown", "Relay:PageSize", "Api:ContinuationKey"], name => Assert.Contains(name, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_demo_takes_no_folder_with_something_in_it()
    {
        File.WriteAllText(_temp.File("something"), "");

        Assert.Equal(2, await RunAsync($"demo --data {_temp.Path}"));

        Assert.Contains("must be empty", _error.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(string arguments) => HostCommand.RunAsync(arguments.Split(' '), new Terminal(_output, _error, interactive: false));
}
