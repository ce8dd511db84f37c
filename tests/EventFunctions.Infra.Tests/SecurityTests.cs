namespace EventFunctions.Infra.Tests;

public sealed class SecurityTests
{
    [Theory]
    [InlineData("storage-account", "allowSharedKeyAccess", "false")]
    [InlineData("storage-account", "allowBlobPublicAccess", "false")]
    [InlineData("storage-account", "isLocalUserEnabled", "false")]
    [InlineData("storage-account", "enableHttpsTrafficOnly", "true")]
    [InlineData("storage-account", "minimumTlsVersion", "TLS1_2")]
    [InlineData("storage-account", "allowCrossTenantReplication", "false")]
    [InlineData("host-account", "allowSharedKeyAccess", "false")]
    [InlineData("host-account", "allowBlobPublicAccess", "false")]
    [InlineData("host-account", "isLocalUserEnabled", "false")]
    [InlineData("host-account", "enableHttpsTrafficOnly", "true")]
    [InlineData("host-account", "minimumTlsVersion", "TLS1_2")]
    [InlineData("host-account", "allowCrossTenantReplication", "false")]
    [InlineData("vault", "properties.enableRbacAuthorization", "true")]
    [InlineData("vault", "properties.enableSoftDelete", "true")]
    [InlineData("vault", "properties.tenantId", "tenant")]
    [InlineData("store-account", "disableLocalAuth", "true")]
    [InlineData("store-account", "disableKeyBasedMetadataWriteAccess", "true")]
    [InlineData("store-account", "minimalTlsVersion", "Tls12")]
    [InlineData("store-account", "backupPolicy.type", "Continuous")]
    [InlineData("events-topic", "disableLocalAuth", "true")]
    [InlineData("events-topic", "minimumTlsVersionAllowed", "1.2")]
    [InlineData("events-topic", "inputSchema", "CloudEventSchemaV1_0")]
    [InlineData("insights", "disableLocalAuth", "true")]
    [InlineData("logs", "features.disableLocalAuth", "true")]
    [InlineData("app", "httpsOnly", "true")]
    [InlineData("app", "identity.type", "UserAssigned")]
    [InlineData("app", "keyVaultReferenceIdentity", "id:identity")]
    [InlineData("app", "siteConfig.minTlsVersion", "1.2")]
    [InlineData("app", "siteConfig.scmMinTlsVersion", "1.2")]
    [InlineData("app", "siteConfig.remoteDebuggingEnabled", "false")]
    [InlineData("app", "functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity")]
    [InlineData("app", "functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId", "id:deployment-identity")]
    [InlineData("no-ftp", "allow", "false")]
    [InlineData("no-basic-publishing", "allow", "false")]
    public async Task A_stack_with_defaults_is_closed(string resource, string property, string value)
    {
        var run = await Run.WithAsync();

        Assert.Equal(value, run[resource].Text(property));
    }

    [Fact]
    public async Task No_blob_can_be_read_by_strangers()
    {
        var run = await Run.WithAsync();

        Assert.All(run.OfType("storage:BlobContainer"), c => Assert.Equal("None", c.Text("publicAccess")));
    }

    [Fact]
    public async Task Identities_have_these_roles_and_no_others()
    {
        const string consumers = """
            [
              {"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events"},
              {"name":"archive","kind":"storageQueue","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/archive","queue":"in"},
              {"name":"orders","kind":"serviceBusTopic","resourceId":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/topics/t"}
            ]
            """;
        var run = await Run.WithAsync(("consumers", consumers));

        // The role (Storage Table Data Contributor, Storage Blob Data Reader, Monitoring Metrics Publisher, Key Vault Secrets User, Azure Service
        // Bus Data Sender, Storage Queue Data Contributor, Storage Blob Data Owner and Contributor, Storage Queue Data Message Sender,
        // EventGrid Data Sender), to whom, on what.
        Assert.Equal(
            [
                "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 principal:identity id:host-account",
                "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 principal:identity id:deadletters-archive",
                "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 principal:identity id:deadletters-billing",
                "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 principal:identity id:deadletters-enrichment",
                "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 principal:identity id:deadletters-orders",
                "3913510d-42f4-4e42-8a64-420c390055eb principal:identity id:insights",
                "4633458b-17de-408a-875b-0445c86b69e6 principal:identity id:administration-key-secret",
                "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39 principal:events-topic /subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/n/topics/t",
                "974c5e8b-45b9-4653-ba55-5f855dd0fb88 principal:identity id:webhook-deliveries",
                "974c5e8b-45b9-4653-ba55-5f855dd0fb88 principal:identity id:webhook-deliveries-poison",
                "b7e6dc6d-f1e8-4753-8033-0f276bb0955b principal:identity id:azure-webjobs-hosts",
                "b7e6dc6d-f1e8-4753-8033-0f276bb0955b principal:identity id:azure-webjobs-secrets",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:deployment-identity id:app-package",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:events-topic id:deadletters-archive",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:events-topic id:deadletters-billing",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:events-topic id:deadletters-enrichment",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:events-topic id:deadletters-orders",
                "ba92f5b4-2d11-453d-a403-e96b0029c9fe principal:storage-topic id:undelivered-deadletters",
                "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a principal:events-topic /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/archive/queueServices/default/queues/in",
                "d5a91429-5739-47e2-a06b-3470a27159e7 principal:identity id:events-topic",
            ],
            run.OfType("authorization:RoleAssignment")
                .Select(r => $"{r.Text("roleDefinitionId")!.Split('/')[^1]} {r.Text("principalId")} {r.Text("scope")}")
                .Order(StringComparer.Ordinal));
        Assert.StartsWith("/subscriptions/11111111-2222-3333-4444-555555555555/", run["publish-role"].Text("roleDefinitionId"), StringComparison.Ordinal);
        Assert.StartsWith("/subscriptions/s/", run["archive-delivery-role"].Text("roleDefinitionId"), StringComparison.Ordinal);
        Assert.Equal("id:store-account/dbs/eventfunctions", run["store-role"].Text("scope"));
        Assert.EndsWith("/00000000-0000-0000-0000-000000000002", run["store-role"].Text("roleDefinitionId"), StringComparison.Ordinal);
        Assert.Equal("principal:identity", run["store-role"].Text("principalId"));
    }

    [Fact]
    public async Task Code_and_host_state_are_in_another_account_than_dead_letters()
    {
        var run = await Run.WithAsync();
        var host = run["host-account"].Text("accountName");
        var letters = run["storage-account"].Text("accountName");

        Assert.NotEqual(host, letters);
        Assert.All(["app-package", "azure-webjobs-hosts", "azure-webjobs-secrets"], c => Assert.Equal(host, run[c].Text("accountName")));
        Assert.All(run.OfType("storage:Queue"), q => Assert.Equal(host, q.Text("accountName")));
        Assert.All(
            run.OfType("storage:BlobContainer").Where(c => c.Name.Contains("deadletters", StringComparison.Ordinal)), c => Assert.Equal(letters, c.Text("accountName")));
        Assert.Equal($"https://{host}.blob.core.windows.net/app-package", run["app"].Text("functionAppConfig.deployment.storage.value"));
    }

    [Fact]
    public async Task The_app_has_an_identity_for_each_purpose() => Assert.Equal(
        ["id:deployment-identity", "id:identity", "id:outgoing-identity"],
        (await Run.WithAsync())["app"].Texts("identity.userAssignedIdentities").Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_site_answers_no_other_origin() => Assert.Null((await Run.WithAsync())["app"].At("siteConfig.cors"));

    [Fact]
    public async Task What_holds_data_is_protected_unless_the_stack_says_otherwise()
    {
        string[] holders = ["group", "store-account", "store-database", "storage-account", "host-account", .. Infra.Components.EventContainer.All.Select(c => c.Name)];
        var kept = await Run.WithAsync();
        var disposable = await Run.WithAsync(("protect", "false"));

        Assert.All(holders, h => Assert.True(kept.IsProtected(h), h));
        Assert.All(holders, h => Assert.False(disposable.IsProtected(h), h));
    }

    [Fact]
    public async Task Only_allowed_networks_and_Event_Grid_get_in()
    {
        var run = await Run.WithAsync(("allowedAddresses", """["203.0.113.0/24","2001:db8::/48"]"""));
        var app = run["app"];

        Assert.Equal("Deny", app.Text("siteConfig.ipSecurityRestrictionsDefaultAction"));
        Assert.Equal(["AzureEventGrid", "203.0.113.0/24", "2001:db8::/48"], app.Texts("siteConfig.ipSecurityRestrictions", "ipAddress"));
        Assert.Equal("ServiceTag", app.Text("siteConfig.ipSecurityRestrictions.0.tag"));
        Assert.Equal(["Allow", "Allow", "Allow"], app.Texts("siteConfig.ipSecurityRestrictions", "action"));
        // Where the code is deployed from is no producer's network.
        Assert.Equal("false", app.Text("siteConfig.scmIpSecurityRestrictionsUseMain"));
    }

    [Fact]
    public async Task Without_allowed_networks_everybody_gets_in_again()
    {
        var app = (await Run.WithAsync())["app"];

        Assert.Equal("Allow", app.Text("siteConfig.ipSecurityRestrictionsDefaultAction"));
        Assert.Equal("Enabled", app.Text("publicNetworkAccess"));
    }

    [Fact]
    public async Task Tokens_are_read_but_not_asked_for()
    {
        var run = await Run.WithAsync(
            ("entra", """{"clientId":"7d1a0f5e-0000-0000-0000-000000000001","tenantId":"0c9b7a3d-0000-0000-0000-000000000002"}"""));
        var entra = run["entra"];

        Assert.Equal("true", entra.Text("platform.enabled"));
        Assert.Equal("false", entra.Text("globalValidation.requireAuthentication"));
        Assert.Equal("AllowAnonymous", entra.Text("globalValidation.unauthenticatedClientAction"));
        Assert.Equal("true", entra.Text("httpSettings.requireHttps"));
        Assert.Equal(["/runtime/webhooks/*"], entra.Texts("globalValidation.excludedPaths"));
        Assert.Equal(
            "https://login.microsoftonline.com/0c9b7a3d-0000-0000-0000-000000000002/v2.0",
            entra.Text("identityProviders.azureActiveDirectory.registration.openIdIssuer"));
        Assert.Equal(
            ["api://7d1a0f5e-0000-0000-0000-000000000001"],
            entra.Texts("identityProviders.azureActiveDirectory.validation.allowedAudiences"));
    }

    [Fact]
    public async Task A_private_network_hides_store_storage_and_publishing()
    {
        var run = await Run.WithAsync(("privateNetwork", "10.60.0.0/24"));

        Assert.Equal("Disabled", run["store-account"].Text("publicNetworkAccess"));
        Assert.Equal("Disabled", run["events-topic"].Text("publicNetworkAccess"));
        Assert.Equal("Deny", run["storage-account"].Text("networkRuleSet.defaultAction"));
        Assert.Equal("AzureServices", run["storage-account"].Text("networkRuleSet.bypass"));
        Assert.Equal("Deny", run["host-account"].Text("networkRuleSet.defaultAction"));
        Assert.Equal("Disabled", run["vault"].Text("properties.publicNetworkAccess"));
        Assert.Equal("id:app-subnet", run["app"].Text("virtualNetworkSubnetId"));
        Assert.Equal("10.60.0.0/25", run["app-subnet"].Text("addressPrefix"));
        Assert.Equal("Microsoft.App/environments", run["app-subnet"].Text("delegations.0.serviceName"));
        Assert.Equal("id:outbound", run["app-subnet"].Text("natGateway.id"));
        Assert.Equal("10.60.0.128/25", run["endpoints-subnet"].Text("addressPrefix"));
        Assert.Equal(
            [
                "Sql id:store-account", "blob id:host-account", "blob id:storage-account", "queue id:host-account", "table id:host-account",
                "topic id:events-topic", "vault id:vault",
            ],
            run.OfType("network:PrivateEndpoint")
                .Select(e => $"{e.Text("privateLinkServiceConnections.0.groupIds.0")} {e.Text("privateLinkServiceConnections.0.privateLinkServiceId")}")
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "privatelink.blob.core.windows.net", "privatelink.documents.azure.com", "privatelink.eventgrid.azure.net", "privatelink.queue.core.windows.net",
                "privatelink.table.core.windows.net", "privatelink.vaultcore.azure.net",
            ],
            run.OfType("privatedns:PrivateZone").Select(z => z.Text("privateZoneName")).Order(StringComparer.Ordinal));
        string[] zones = ["store", "storage", "host-queues", "host-tables", "topic", "vault"];
        Assert.All(zones, zone =>
        {
            Assert.Equal($"id:{zone}-zone", run[$"{zone}-zone-group"].Text("privateDnsZoneConfigs.0.privateDnsZoneId"));
            Assert.Equal("id:virtual-network", run[$"{zone}-zone-link"].Text("virtualNetwork.id"));
        });
        Assert.Equal("id:storage-zone", run["host-blobs-zone-group"].Text("privateDnsZoneConfigs.0.privateDnsZoneId"));
        Assert.Superset(
            zones.SelectMany(zone => new[] { $"{zone}-zone-group", $"{zone}-zone-link" }).Append("host-blobs-zone-group").ToHashSet(),
            (await run.WaitsForAsync("app")).ToHashSet());
    }

    [Theory]
    [InlineData("storage-account", "networkRuleSet.defaultAction", "Allow")]
    [InlineData("host-account", "networkRuleSet.defaultAction", "Allow")]
    [InlineData("vault", "properties.publicNetworkAccess", "Enabled")]
    [InlineData("store-account", "publicNetworkAccess", "Enabled")]
    [InlineData("events-topic", "publicNetworkAccess", "Enabled")]
    public async Task Without_a_network_of_its_own_nothing_is_hidden(string resource, string property, string value)
    {
        var run = await Run.WithAsync();

        Assert.Equal(value, run[resource].Text(property));
        Assert.Empty(run.OfType("network:PrivateEndpoint"));
        Assert.Null(run["app"].At("virtualNetworkSubnetId"));
    }

    [Theory]
    [InlineData("10.60.0.0/24", "10.60.0.0/25", "10.60.0.128/25")]
    [InlineData("10.60.0.0/16", "10.60.0.0/17", "10.60.128.0/17")]
    [InlineData("172.16.4.0/23", "172.16.4.0/24", "172.16.5.0/24")]
    public void A_network_is_halved(string network, string first, string second)
    {
        var (app, endpoints) = Infra.Components.PrivateNetwork.Halves(System.Net.IPNetwork.Parse(network));

        Assert.Equal((first, second), (app, endpoints));
    }
}
