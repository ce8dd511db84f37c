using EventFunctions.Composition;
using EventFunctions.Local.Hosting;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Hosting;

public sealed class SettingNamesTests
{
    [Theory]
    [InlineData("Stroe", "Store")]
    [InlineData("Sqllite:Path", "Sqlite")]
    [InlineData("Sqllite__Path", "Sqlite")]
    [InlineData("Producer:crm:name", "Producers")]
    [InlineData("ProducersSecrets:CRM", "ProducerSecrets")]
    [InlineData("webhook:AllowedNetworks:0", "Webhooks")]
    [InlineData("AzureWebJobStorage", "AzureWebJobsStorage")]
    public void A_misspelled_name_gets_the_nearest_one(string name, string nearest) =>
        Assert.Equal([$"{name.Split(':')[0].Split("__")[0]} is not a setting. Did you mean {nearest}?"], SettingNames.Misspelled([name]));

    [Theory]
    [InlineData("store")]
    [InlineData("Producers__a__name")]
    [InlineData("AzureWebJobs.Anything.Disabled")]
    [InlineData("MyOwn:Setting")]
    [InlineData("PATH")]
    [InlineData("Key")]
    public void Names_of_settings_and_of_other_things_are_accepted(string name) => Assert.Empty(SettingNames.Misspelled([name]));

    [Theory]
    [InlineData("SQLLITE", false)]
    [InlineData("Sqllite__Path", true)]
    public void A_variable_in_capitals_is_not_taken_for_a_setting(string name, bool mayBe) => Assert.Equal(mayBe, SettingNames.MayBeOurs(name));

    [Fact]
    public void The_app_does_not_start_with_a_misspelled_section()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => WorkerSettings.Read(new Dictionary<string, string> { ["Sqllite__Path"] = "x" }));

        Assert.Contains("Sqllite is not a setting. Did you mean Sqlite?", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_embedded_host_does_not_start_with_a_misspelled_section(bool inFile)
    {
        using var content = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        using var data = DataFolder.Open(folder.Path);
        if (inFile)
        {
            File.WriteAllText(content.File(LocalSettingsFile.Name), """{ "Values": { "Intakes__BodyBudget": "00:00:20" } }""");
        }

        var options = new LocalHostOptions { ContentRoot = content.Path, Settings = inFile ? [] : new Dictionary<string, string?> { ["Intakes:BodyBudget"] = "00:00:20" } };
        var fault = Assert.Throws<HostStartException>(() => LocalSettings.Build(options, data, new Uri("http://127.0.0.1:7071/")));

        Assert.Equal("Intakes is not a setting. Did you mean Intake?", fault.Message);
    }

    [Theory]
    [InlineData("Key:Host")]
    [InlineData("KEY__HOST")]
    public void The_command_line_has_no_unknown_settings(string name)
    {
        using var folder = new TemporaryFolder();
        using var data = DataFolder.Open(folder.Path);
        var options = new LocalHostOptions { ContentRoot = folder.Path, Settings = new Dictionary<string, string?> { [name] = "secret" } };

        var fault = Assert.Throws<HostStartException>(() => LocalSettings.Build(options, data, new Uri("http://127.0.0.1:7071/")));

        Assert.Equal($"{name[..3]} is not a setting. See local.settings.sample.json for all settings.", fault.Message);
    }

    [Fact]
    public void The_command_line_may_have_variables_of_others() => Assert.Empty(SettingNames.Unknown(["OTEL_SERVICE_NAME", "keys:host"]));
}
