using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Pulumi.Testing;

namespace EventFunctions.Infra.Tests;

/// <summary>Answers as Azure would, and keeps what was asked for, in the order in which it was.</summary>
internal sealed class MockedAzure : IMocks
{
    private readonly ConcurrentQueue<Made> _made = new();

    /// <summary>What was made, in order; what depends on others comes after them.</summary>
    public IReadOnlyList<Made> Made => [.. _made];

    /// <summary>Holds a resource back until another has been made.</summary>
    public (string Held, string Until)? Hold { get; init; }

    private TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
    {
        var name = args.Name!;
        if (name == Hold?.Held)
            await Release.Task.WaitAsync(TimeSpan.FromSeconds(60));

        _made.Enqueue(new Made(args.Type!, name, JsonSerializer.SerializeToNode(args.Inputs)!));
        if (name == Hold?.Until)
            Release.TrySetResult();

        return ($"id:{name}", State(args));
    }

    public Task<object> CallAsync(MockCallArgs args) => Task.FromResult<object>(new Dictionary<string, object>
    {
        ["clientId"] = "deployer",
        ["objectId"] = "deployer",
        ["subscriptionId"] = "11111111-2222-3333-4444-555555555555",
        ["tenantId"] = "tenant",
    });

    private static ImmutableDictionary<string, object> State(MockResourceArgs args)
    {
        var state = args.Inputs.ToBuilder();
        string[] names =
        [
            "name", "vaultName", "topicName", "systemTopicName", "containerName", "databaseName", "accountName", "workspaceName", "resourceName",
            "virtualNetworkName", "privateZoneName", "privateEndpointName", "resourceGroupName",
        ];
        state["name"] = names.Select(n => args.Inputs.GetValueOrDefault(n)).FirstOrDefault(n => n is not null) ?? args.Name!;
        state["principalId"] = args.Inputs.GetValueOrDefault("principalId") ?? $"principal:{args.Name}";
        state["clientId"] = $"client:{args.Name}";
        state["endpoint"] = $"https://{state["name"]}.westeurope-1.eventgrid.azure.net/api/events";
        state["documentEndpoint"] = $"https://{state["name"]}.documents.azure.com:443/";
        state["defaultHostName"] = $"{state["name"]}.azurewebsites.net";
        state["connectionString"] = "InstrumentationKey=1;IngestionEndpoint=https://westeurope-1.in.applicationinsights.azure.com/";
        state["base64"] = "c2VjcmV0";
        state["customerId"] = $"customer:{args.Name}";
        state["ipAddress"] = "203.0.113.7";
        if (args.Type == "azure-native:keyvault:Secret")
        {
            var uri = $"https://vault.example/secrets/{args.Inputs["secretName"]}";
            state["properties"] = ImmutableDictionary<string, object>.Empty.Add("secretUri", uri).Add("secretUriWithVersion", uri + "/1");
        }

        if (args.Inputs.GetValueOrDefault("identity") is ImmutableDictionary<string, object> identity && identity["type"] is "SystemAssigned")
            state["identity"] = identity.SetItem("principalId", $"principal:{args.Name}");

        return state.ToImmutable();
    }
}
