using EventFunctions.Infra.Configuration;
using EventFunctions.Infra.Upload;
using Pulumi;
using Pulumi.AzureNative.ManagedIdentity;
using Pulumi.AzureNative.Web;
using Pulumi.AzureNative.Web.Inputs;
using Command = Pulumi.Command.Local.Command;
using RandomBytes = Pulumi.Random.RandomBytes;

namespace EventFunctions.Infra.Components;

/// <summary>The identities that the app has.</summary>
/// <param name="Service">The one that the service acts under.</param>
/// <param name="Deployment">The one under which the platform stores the code package, and reads it when an instance starts.</param>
/// <param name="Outgoing">The one that producers see, which has no role in Azure: an administrator of the service chooses whom its tokens are for.</param>
internal sealed record AppIdentities(UserAssignedIdentity Service, UserAssignedIdentity Deployment, UserAssignedIdentity Outgoing);

/// <summary>What the service is made of beside the function app.</summary>
internal sealed record Parts(
    HostStorage Host,
    ServiceStorage Storage,
    EventStoreDatabase Store,
    EventTopic Topic,
    Observability Observability,
    AdministrationVault? Vault,
    PrivateNetwork? Network);

/// <summary>The function app on a Flex Consumption plan, with the code in it.</summary>
internal sealed class FunctionService : ComponentResource
{
    private readonly Placement _placement;
    private readonly StackSettings _settings;

    /// <summary>Makes the plan and the app, and deploys the code.</summary>
    /// <param name="placement">Where.</param>
    /// <param name="settings">The stack's configuration.</param>
    /// <param name="package">The code.</param>
    /// <param name="identities">Whom it acts as.</param>
    /// <param name="parts">What it works with.</param>
    /// <param name="after">What must be done before.</param>
    public FunctionService(
        Placement placement, StackSettings settings, CodePackage package, AppIdentities identities, Parts parts, IEnumerable<Resource> after)
        : base("eventfunctions:infra:FunctionService", "service")
    {
        (_placement, _settings) = (placement, settings);
        var plan = new AppServicePlan(
            "plan",
            new()
            {
                Name = placement.Local("plan"),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Kind = "functionapp",
                Sku = new SkuDescriptionArgs { Name = "FC1", Tier = "FlexConsumption" },
                Reserved = true,
            },
            new() { Parent = this });
        var key = new RandomBytes("continuation-key", new() { Length = 32 }, new() { Parent = this });
        var environment = new FunctionEnvironment
        {
            ClientId = identities.Service.ClientId,
            OutgoingClientId = identities.Outgoing.ClientId,
            HostAccount = parts.Host.Account.Name,
            DeadLetterAccount = parts.Storage.Account.Name,
            InsightsConnection = parts.Observability.Insights.ConnectionString,
            StoreEndpoint = parts.Store.Account.DocumentEndpoint,
            TopicEndpoint = parts.Topic.Topic.Endpoint,
            PublicUrl = settings.PublicUrl is { } url
                ? Output.Create(url.AbsoluteUri)
                : Output.Format($"https://{placement.Global()}.azurewebsites.net/"),
            ContinuationKey = key,
            AdministrationKey = parts.Vault?.Reference,
        };
        App = new WebApp(
            "app",
            Describe(plan, identities, parts, FunctionSettings.Create(settings, environment)),
            new() { Parent = this, DependsOn = [.. after, .. parts.Network?.Connected ?? []] });
        List<Resource> configured = [App, .. NoPublishingPasswords()];
        if (settings.Entra is { } entra)
            configured.Add(Authenticate(entra));

        // Last, since each change of the app's configuration restarts the site that takes the code.
        Code = ServiceCommand.Run(
            "code",
            UploadCommand.Line(placement, App.Name, parts.Observability.Workspace.CustomerId, package),
            [Output.Create(package.Hash), App.Id],
            this,
            configured);
        RegisterOutputs();
    }

    /// <summary>The function app.</summary>
    public WebApp App { get; }

    /// <summary>The deployment of the code: what needs the functions to be there comes after it.</summary>
    public Command Code { get; }

    /// <summary>The resource ID of a function.</summary>
    /// <param name="name">The function's name.</param>
    public Output<string> Function(string name) => Output.Format($"{App.Id}/functions/{name}");

    private WebAppArgs Describe(AppServicePlan plan, AppIdentities identities, Parts parts, InputList<NameValuePairArgs> appSettings)
    {
        var app = new WebAppArgs
        {
            Name = _placement.Global(),
            ResourceGroupName = _placement.ResourceGroup,
            Location = _placement.Region,
            Kind = "functionapp,linux",
            ServerFarmId = plan.Id,
            Identity = new ManagedServiceIdentityArgs
            {
                Type = ManagedServiceIdentityType.UserAssigned,
                UserAssignedIdentities = { identities.Service.Id, identities.Deployment.Id, identities.Outgoing.Id },
            },
            KeyVaultReferenceIdentity = identities.Service.Id,
            HttpsOnly = true,
            ClientAffinityEnabled = false,
            // The public address stays: Event Grid delivers from outside.
            PublicNetworkAccess = "Enabled",
            SiteConfig = Site(appSettings),
            FunctionAppConfig = Flex(identities, parts.Host),
        };
        if (parts.Network is { } network)
            app.VirtualNetworkSubnetId = network.App.Id;

        return app;
    }

    private SiteConfigArgs Site(InputList<NameValuePairArgs> appSettings)
    {
        var site = new SiteConfigArgs
        {
            AppSettings = appSettings,
            MinTlsVersion = SupportedTlsVersions.SupportedTlsVersions_1_2,
            ScmMinTlsVersion = SupportedTlsVersions.SupportedTlsVersions_1_2,
            // The SDK sets one by itself, and a Flex Consumption app refuses it, as it does ftpsState, alwaysOn and linuxFxVersion.
            NetFrameworkVersion = null,
            Http20Enabled = true,
            RemoteDebuggingEnabled = false,
            // Deployment comes with a token from wherever this program runs.
            ScmIpSecurityRestrictionsUseMain = false,
            // Said either way: Azure keeps what is left out.
            IpSecurityRestrictionsDefaultAction = _settings.AllowedAddresses.Count == 0 ? DefaultAction.Allow : DefaultAction.Deny,
        };
        if (_settings.AllowedAddresses.Count == 0)
            return site;

        site.IpSecurityRestrictions.Add(new IpSecurityRestrictionArgs
        {
            Name = "event-grid",
            Description = "Deliveries come from Event Grid's public addresses.",
            Action = "Allow",
            Priority = 100,
            Tag = IpFilterTag.ServiceTag,
            IpAddress = "AzureEventGrid",
        });
        foreach (var (index, network) in _settings.AllowedAddresses.Index())
        {
            site.IpSecurityRestrictions.Add(new IpSecurityRestrictionArgs
            {
                Name = $"allowed-{index}",
                Action = "Allow",
                Priority = 200 + index,
                IpAddress = network,
            });
        }

        return site;
    }

    private FunctionAppConfigArgs Flex(AppIdentities identities, HostStorage storage)
    {
        var scale = new FunctionsScaleAndConcurrencyArgs
        {
            InstanceMemoryMB = _settings.InstanceMemory,
            MaximumInstanceCount = _settings.MaximumInstances,
            Triggers = new FunctionsScaleAndConcurrencyTriggersArgs
            {
                Http = new FunctionsScaleAndConcurrencyTriggersHttpArgs { PerInstanceConcurrency = _settings.PerInstanceConcurrency },
            },
        };
        foreach (var (name, count) in _settings.AlwaysReady)
            scale.AlwaysReady.Add(new FunctionsAlwaysReadyConfigArgs { Name = name, InstanceCount = count });

        return new()
        {
            Runtime = new FunctionsRuntimeArgs { Name = RuntimeName.Dotnet_isolated, Version = "10.0" },
            ScaleAndConcurrency = scale,
            Deployment = new FunctionsDeploymentArgs
            {
                Storage = new FunctionsDeploymentStorageArgs
                {
                    Type = FunctionsDeploymentStorageType.BlobContainer,
                    Value = storage.PackagesUrl,
                    Authentication = new FunctionsDeploymentStorageAuthenticationArgs
                    {
                        Type = AuthenticationType.UserAssignedIdentity,
                        UserAssignedIdentityResourceId = identities.Deployment.Id,
                    },
                },
            },
        };
    }

    // Whoever deploys comes with a token: the app has no user name and password.
    private IReadOnlyList<Resource> NoPublishingPasswords()
    {
        var options = new CustomResourceOptions { Parent = this };
        return
        [
            new WebAppFtpAllowed("no-ftp", new() { Name = App.Name, ResourceGroupName = _placement.ResourceGroup, Allow = false }, options),
            new WebAppScmAllowed("no-basic-publishing", new() { Name = App.Name, ResourceGroupName = _placement.ResourceGroup, Allow = false }, options),
        ];
    }

    private WebAppAuthSettingsV2 Authenticate(EntraSettings entra) => new(
        "entra",
        new()
        {
            Name = App.Name,
            ResourceGroupName = _placement.ResourceGroup,
            Platform = new AuthPlatformArgs { Enabled = true },
            GlobalValidation = new GlobalValidationArgs
            {
                // Functions ask for keys themselves; a token says on top of that who it is.
                RequireAuthentication = false,
                UnauthenticatedClientAction = UnauthenticatedClientActionV2.AllowAnonymous,
                // Event Grid sends tokens of its own here, which are none of ours.
                ExcludedPaths = { "/runtime/webhooks/*" },
            },
            HttpSettings = new HttpSettingsArgs { RequireHttps = true },
            Login = new LoginArgs { TokenStore = new TokenStoreArgs { Enabled = false } },
            IdentityProviders = new IdentityProvidersArgs
            {
                AzureActiveDirectory = new AzureActiveDirectoryArgs
                {
                    Enabled = true,
                    Registration = new AzureActiveDirectoryRegistrationArgs
                    {
                        ClientId = entra.ClientId.ToString(),
                        OpenIdIssuer = $"https://login.microsoftonline.com/{entra.TenantId}/v2.0",
                    },
                    Validation = new AzureActiveDirectoryValidationArgs { AllowedAudiences = entra.AllowedAudiences.ToArray() },
                },
            },
        },
        new() { Parent = this });
}
