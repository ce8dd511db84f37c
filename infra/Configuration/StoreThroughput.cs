using EventFunctions.Infra.Components;

namespace EventFunctions.Infra.Configuration;

/// <summary>The request units a second that the containers of a provisioned account scale to.</summary>
/// <param name="Containers">The maximum of each container that has one of its own.</param>
/// <param name="IsConverted">Whether the account began as serverless and was converted in Azure.</param>
internal sealed record StoreThroughput(IReadOnlyDictionary<string, int> Containers, bool IsConverted)
{
    public const string Key = "cosmosAutoscale";

    public const string ConvertedKey = "cosmosConverted";

    // What Azure takes as the least.
    private const int Step = 1000;

    private const int Most = 1_000_000;

    private const string Example = """{"events":10000,"deliveries":4000}""";

    /// <summary>Returns the maximum of a container.</summary>
    public int Of(string container) => Containers.GetValueOrDefault(container, Step);

    /// <summary>Reads the configuration; null for a serverless account.</summary>
    public static StoreThroughput? Read(SettingsReader reader)
    {
        var containers = reader.Structure<Dictionary<string, int>>(Key, Example);
        var isConverted = reader.Flag(ConvertedKey, false);
        foreach (var (name, most) in containers ?? [])
        {
            if (EventContainer.All.All(container => container.Name != name))
                reader.Wrong(Key, name, $"is not a container of the store ({string.Join(", ", EventContainer.All.Select(c => c.Name))})", Example);
            else if (most is < Step or > Most || most % Step != 0)
                reader.Wrong(Key, $"{name}: {most}", $"is not a multiple of {Step} up to {Most}", Example);
        }

        if (isConverted && containers is null)
            reader.Add($"{ConvertedKey} is true, but {Key} is missing: a converted account needs throughput; example: {Key} {Example}.");

        return containers is null ? null : new StoreThroughput(containers, isConverted);
    }
}
