using System.Text.Json;
using Pulumi;

namespace EventFunctions.Infra.Configuration;

/// <summary>The configuration of the stack that runs.</summary>
internal static class StackConfig
{
    // How Pulumi hands the configuration to a program; its own class gives values to those who know the keys, and no keys.
    private const string Variable = "PULUMI_CONFIG";

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidSettingsException">Something is wrong.</exception>
    public static StackSettings Read()
    {
        var config = new Config();
        var azure = new Config("azure-native");
        return StackSettings.Read(
            key => key == StackSettings.Location ? azure.Get("location") : config.Get(key),
            Keys(Environment.GetEnvironmentVariable(Variable), Deployment.Instance.ProjectName));
    }

    /// <summary>The keys that are set for a project, without the project's name.</summary>
    /// <param name="json">The configuration as Pulumi hands it over; null when there is none.</param>
    /// <param name="project">The project's name.</param>
    internal static IReadOnlyList<string> Keys(string? json, string project)
    {
        if (json is null)
            return [];

        using var config = JsonDocument.Parse(json);
        return
        [
            .. config.RootElement.EnumerateObject()
                .Select(p => p.Name)
                .Where(name => name.StartsWith(project + ":", StringComparison.Ordinal))
                // Keys may also be written PROJECT:config:KEY.
                .Select(name => name[(name.LastIndexOf(':') + 1)..]),
        ];
    }
}
