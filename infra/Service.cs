using EventFunctions.Infra.Components;
using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.ManagedIdentity;

namespace EventFunctions.Infra;

/// <summary>The whole service, in the order in which its parts need each other.</summary>
internal static class Service
{
    /// <summary>The function that the enrichment's subscription calls.</summary>
    public const string EnrichFunction = "EnrichEvent";

    /// <summary>The function that the webhooks' subscription calls.</summary>
    public const string DispatchFunction = "DispatchEvents";

    /// <summary>The function that the subscription to dead letters calls.</summary>
    public const string DeadLetterFunction = "RecordDeadLetters";

    /// <summary>Makes everything.</summary>
    /// <param name="settings">The stack's configuration.</param>
    /// <param name="package">The function app's code.</param>
    /// <returns>The stack's outputs.</returns>
    public static IDictionary<string, object?> Create(StackSettings settings, CodePackage package)
    {
        var placement = new Placement(settings.Name, settings.Region, settings.Protect);
        var isPrivate = settings.PrivateNetwork is not null;
        var identity = new UserAssignedIdentity(
            "identity",
            new() { ResourceName = placement.Local("identity"), ResourceGroupName = placement.ResourceGroup, Location = placement.Region });
        var observability = new Observability(placement, settings);
        var storage = new ServiceStorage(placement, isPrivate, settings.Protect);
        var store = new EventStoreDatabase(placement, settings);
        var topic = new EventTopic(placement, isPrivate);
        var access = new Access(placement);
        var subscriptions = new Subscriptions(settings, topic, storage, access);
        var deadLetters = new DeadLetters(placement, storage, access);

        access.Grant("storage-role", Role.StorageBlobDataOwner, storage.Account.Id, identity.PrincipalId, storage);
        access.Grant("queue-role", Role.StorageQueueDataContributor, storage.Account.Id, identity.PrincipalId, storage);
        access.Grant("publish-role", Role.EventGridDataSender, topic.Topic.Id, identity.PrincipalId, topic);
        access.Grant("telemetry-role", Role.MonitoringMetricsPublisher, observability.Insights.Id, identity.PrincipalId, observability);
        var storeRole = store.Grant(identity.PrincipalId);
        var rolesWork = ServiceCommand.WaitForRoles("roles-in-effect", access, [storeRole]);

        var network = settings.PrivateNetwork is { } space ? Connect(placement, space, storage, store, storeRole, topic) : null;
        var parts = new Parts(storage, store, topic, observability, network);
        var service = new FunctionService(
            placement, settings, package, new ServiceIdentity(identity.Id, identity.ClientId), parts, [rolesWork, .. store.Containers, .. storage.Queues]);

        subscriptions.SubscribeEnrichment(service.Function(EnrichFunction), [service.Code, rolesWork]);
        subscriptions.SubscribeWebhooks(service.Function(DispatchFunction), [service.Code, rolesWork]);
        subscriptions.SubscribeConsumers([rolesWork]);
        deadLetters.Subscribe(service.Function(DeadLetterFunction), settings, [service.Code, rolesWork]);
        Observe(placement, parts, deadLetters);
        return Outputs(placement, service, parts);
    }

    private static PrivateNetwork Connect(
        Placement placement, System.Net.IPNetwork space, ServiceStorage storage, EventStoreDatabase store, Resource storeRole, EventTopic topic)
    {
        var network = new PrivateNetwork(placement, space);
        network.Connect("store", store.Account.Id, "Sql", "privatelink.documents.azure.com", storeRole);
        network.Connect("storage", storage.Account.Id, "blob", "privatelink.blob.core.windows.net");
        network.Connect("queues", storage.Account.Id, "queue", "privatelink.queue.core.windows.net");
        network.Connect("topic", topic.Topic.Id, "topic", "privatelink.eventgrid.azure.net");
        return network;
    }

    private static void Observe(Placement placement, Parts parts, DeadLetters deadLetters)
    {
        var (storage, store, topic, observability, _) = parts;
        observability.Diagnose("topic", topic.Topic.Id, "DeliveryFailures", "PublishFailures");
        observability.Diagnose("store", store.Account.Id, "ControlPlaneRequests");
        observability.Diagnose("storage", Output.Format($"{storage.Account.Id}/blobServices/default"), "StorageWrite", "StorageDelete");
        _ = new Alerts(placement, observability, topic, deadLetters);
    }

    private static Dictionary<string, object?> Outputs(Placement placement, FunctionService service, Parts parts)
    {
        var app = Output.Format($"{placement.CliOptions} --name {service.App.Name}");
        var outputs = new Dictionary<string, object?>
        {
            ["endpoint"] = Output.Format($"https://{service.App.DefaultHostName}/api/events"),
            ["health"] = Output.Format($"https://{service.App.DefaultHostName}/api/health"),
            ["functionApp"] = service.App.Name,
            ["resourceGroup"] = placement.ResourceGroup,
            ["topicEndpoint"] = parts.Topic.Topic.Endpoint,
            ["topicId"] = parts.Topic.Topic.Id,
            ["storeEndpoint"] = parts.Store.Account.DocumentEndpoint,
            ["producerKeyCommand"] = Output.Format(
                $"az functionapp function keys set {app} --function-name ReceiveEvents --key-name PRODUCER --query value --output tsv"),
            ["administrationKeyCommand"] = Output.Format(
                $"az functionapp config appsettings list {app} --query \"[?name=='Administration__Key'].value\" --output tsv"),
            ["operatorKeyCommand"] = Output.Format($"az functionapp keys list {app} --query functionKeys.default --output tsv"),
        };
        if (parts.Network is { } network)
            outputs["outboundAddress"] = network.Outbound.IpAddress;

        return outputs;
    }
}
