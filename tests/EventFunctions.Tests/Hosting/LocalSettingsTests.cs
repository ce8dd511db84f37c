using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class LocalSettingsTests : IDisposable
{
    private static readonly Uri Self = new("http://127.0.0.1:7071/");

    private readonly TemporaryFolder _content = new();
    private readonly TemporaryFolder _temp = new();
    private readonly DataFolder _data;

    public LocalSettingsTests() => _data = DataFolder.Open(_temp.Path);

    public void Dispose()
    {
        _data.Dispose();
        _temp.Dispose();
        _content.Dispose();
    }

    [Fact]
    public void Everything_has_a_default_so_that_nothing_needs_to_be_set()
    {
        var settings = LocalSettings.Build(new LocalHostOptions { ContentRoot = _content.Path }, _data, Self);

        Assert.Equal("Sqlite", settings["Store"]);
        Assert.Equal("http://127.0.0.1:7071/eventgrid/events/api/events", settings["EventGrid:Endpoint"]);
        Assert.Equal(_data.Secret("topic.key"), settings["EventGrid:Key"]);
        Assert.Equal(_data.Secret("continuation.key"), settings["Api:ContinuationKey"]);
        Assert.Equal("http://127.0.0.1:7071/producer/", settings["Producers:sample:data:baseUrl"]);
        Assert.Equal(_data.Secret("insurer.key"), settings["ProducerSecrets:SAMPLE_INSURER"]);
        Assert.Equal(
            ["policy.cancelled", "policy.endorsed", "policy.issued", "policy.renewed"],
            settings.GetSection("Producers:sample:types").GetChildren().Select(c => c.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_go_before_defaults_the_data_folders_before_the_content_roots_and_the_command_line_before_all()
    {
        File.WriteAllText(Path.Combine(_content.Path, LocalSettingsFile.Name), """{ "Values": { "Store": "1", "A": "1", "B__C": "1" } }""");
        File.WriteAllText(_data.File(LocalSettingsFile.Name), """{ "Values": { "A": "2", "Sample__Every": "2" } }""");

        var settings = LocalSettings.Build(
            new LocalHostOptions { ContentRoot = _content.Path, Settings = new Dictionary<string, string?> { ["Sample:Every"] = "3" } }, _data, Self);

        Assert.Equal(("1", "2", "1", "3"), (settings["Store"], settings["A"], settings["B:C"], settings["Sample:Every"]));
    }

    [Fact]
    public void The_sample_producer_goes_with_its_registration_when_it_is_switched_off()
    {
        var settings = LocalSettings.Build(
            new LocalHostOptions { ContentRoot = _content.Path, Settings = new Dictionary<string, string?> { ["Sample:Enabled"] = "false" } }, _data, Self);

        Assert.False(LocalSettings.IsSampleEnabled(settings));
        Assert.Empty(settings.GetSection("Producers").GetChildren());
        Assert.Empty(settings.GetSection("ProducerClient:AllowedNetworks").GetChildren());
        Assert.Empty(settings.GetSection("Webhooks:AllowedNetworks").GetChildren());
    }

    [Fact]
    public void A_file_may_have_comments_nested_values_and_what_core_tools_puts_there()
    {
        File.WriteAllText(Path.Combine(_content.Path, LocalSettingsFile.Name), """
            {
              "IsEncrypted": false, // Core Tools
              "Values": { "Number": 7, "Flag": true, "List": ["a", { "B": "c" }], "Nothing": null, },
              "Host": { "LocalHttpPort": 7071 }
            }
            """);

        var settings = LocalSettings.Build(new LocalHostOptions { ContentRoot = _content.Path }, _data, Self);

        Assert.Equal(("7", "True", "a", "c"), (settings["Number"], settings["Flag"], settings["List:0"], settings["List:1:B"]));
        Assert.Null(settings["Host:LocalHttpPort"]);
    }

    [Fact]
    public void A_value_left_empty_in_a_file_is_one_not_set()
    {
        File.WriteAllText(Path.Combine(_content.Path, LocalSettingsFile.Name), """{ "Values": { "Api:ContinuationKey": "", "TickSchedule": null } }""");

        var settings = LocalSettings.Build(new LocalHostOptions { ContentRoot = _content.Path }, _data, Self);

        Assert.Equal((_data.Secret("continuation.key"), "*/5 * * * * *"), (settings["Api:ContinuationKey"], settings["TickSchedule"]));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{ "IsEncrypted": true }""")]
    [InlineData("""{ "Sample:Enabled": "false" }""")]
    public void A_file_that_cannot_be_read_is_named(string content)
    {
        var path = Path.Combine(_content.Path, LocalSettingsFile.Name);
        File.WriteAllText(path, content);

        var refused = Assert.Throws<HostStartException>(() => LocalSettings.Build(new LocalHostOptions { ContentRoot = _content.Path }, _data, Self));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_switch_that_is_neither_on_nor_off_is_refused()
    {
        var options = new LocalHostOptions { ContentRoot = _content.Path, Settings = new Dictionary<string, string?> { ["Sample:Enabled"] = "maybe" } };

        Assert.Contains("Sample:Enabled", Assert.Throws<HostStartException>(() => LocalSettings.Build(options, _data, Self)).Message, StringComparison.Ordinal);
    }
}
