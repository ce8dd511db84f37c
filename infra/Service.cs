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
        var identities = new AppIdentities(
            Identity("identity", placement), Identity("deployment-identity", placement), Identity("outgoing-identity", placement));
        var principal = identities.Service.PrincipalId;
        var observability = new Observability(placement, settings);
        var host = new HostStorage(placement, isPrivate, settings.Protect);
        var storage = new ServiceStorage(placement, isPrivate, settings.Protect);
        var store = new EventStoreDatabase(placement, settings);
        var topic = new EventTopic(placement, isPrivate);
        var vault = settings.AdministrationKey ? new AdministrationVault(placement, isPrivate) : null;
        var access = new Access(placement);
        var subscriptions = new Subscriptions(settings, topic, storage, access);
        var deadLetters = new DeadLetters(placement, storage, access);

        host.GrantHost(access, principal);
        host.GrantDeployment(access, identities.Deployment.PrincipalId);
        subscriptions.GrantDeadLetters(principal);
        vault?.GrantRead(access, principal);
        access.Grant("publish-role", Role.EventGridDataSender, topic.Topic.Id, principal, topic);
        access.Grant("telemetry-role", Role.MonitoringMetricsPublisher, observability.Insights.Id, principal, observability);
        var storeRole = store.Grant(principal);
        var rolesWork = ServiceCommand.WaitForRoles("roles-in-effect", access, [storeRole]);

        var parts = new Parts(host, storage, store, topic, observability, vault, settings.PrivateNetwork is { } space ? new PrivateNetwork(placement, space) : null);
        Connect(parts, storeRole);
        var service = new FunctionService(placement, settings, package, identities, parts, [rolesWork, .. store.Containers, .. host.Queues]);

        subscriptions.SubscribeEnrichment(service.Function(EnrichFunction), [service.Code, rolesWork]);
        subscriptions.SubscribeConsumers([rolesWork]);
        deadLetters.Subscribe(service.Function(DeadLetterFunction), settings, [service.Code, rolesWork]);
        Observe(placement, parts, deadLetters);
        return Outputs(placement, service, parts, identities);
    }

    private static UserAssignedIdentity Identity(string name, Placement placement) => new(
        name, new() { ResourceName = placement.Local(name), ResourceGroupName = placement.ResourceGroup, Location = placement.Region });

    private static void Connect(Parts parts, Resource storeRole)
    {
        if (parts.Network is not { } network)
            return;

        network.Connect("store", parts.Store.Account.Id, "Sql", "privatelink.documents.azure.com", storeRole);
        network.Connect("storage", parts.Storage.Account.Id, "blob", "privatelink.blob.core.windows.net");
        network.Connect("host-blobs", parts.Host.Account.Id, "blob", "privatelink.blob.core.windows.net");
        network.Connect("host-queues", parts.Host.Account.Id, "queue", "privatelink.queue.core.windows.net");
        network.Connect("host-tables", parts.Host.Account.Id, "table", "privatelink.table.core.windows.net");
        network.Connect("topic", parts.Topic.Topic.Id, "topic", "privatelink.eventgrid.azure.net");
        if (parts.Vault is { } vault)
            network.Connect("vault", vault.Vault.Id, "vault", "privatelink.vaultcore.azure.net");
    }

    private static void Observe(Placement placement, Parts parts, DeadLetters deadLetters)
    {
        var observability = parts.Observability;
        observability.Diagnose("topic", parts.Topic.Topic.Id, "DeliveryFailures", "PublishFailures");
        observability.Diagnose("store", parts.Store.Account.Id, "ControlPlaneRequests");
        observability.Diagnose("storage", Output.Format($"{parts.Storage.Account.Id}/blobServices/default"), "StorageWrite", "StorageDelete");
        if (parts.Vault is { } vault)
            observability.Diagnose("vault", vault.Vault.Id, "AuditEvent");

        _ = new Alerts(placement, observability, parts.Topic, deadLetters);
    }

    private static Dictionary<string, object?> Outputs(Placement placement, FunctionService service, Parts parts, AppIdentities identities)
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
            ["outgoingIdentity"] = identities.Outgoing.PrincipalId,
            ["producerKeyCommand"] = Output.Format(
                $"az functionapp function keys set {app} --function-name ReceiveEvents --key-name PRODUCER --query value --output tsv"),
            ["operatorKeyCommand"] = Output.Format($"az functionapp keys list {app} --query functionKeys.default --output tsv"),
        };
        if (parts.Vault is { } vault)
            outputs["administrationKeyCommand"] = vault.ShowCommand;

        if (parts.Network is { } network)
            outputs["outboundAddress"] = network.Outbound.IpAddress;

        return outputs;
    }
}
