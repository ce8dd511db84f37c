using System.Collections.Immutable;
using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.CosmosDB;
using Pulumi.AzureNative.CosmosDB.Inputs;

namespace EventFunctions.Infra.Components;

/// <summary>The store: a Cosmos DB account with the service's database and its containers.</summary>
internal sealed class EventStoreDatabase : ComponentResource
{
    /// <summary>The database's name.</summary>
    public const string DatabaseName = "eventfunctions";

    // Reads and writes items; what is made of databases and containers is this program's alone.
    private const string DataContributor = "00000000-0000-0000-0000-000000000002";

    private readonly Placement _placement;

    /// <summary>Makes the store.</summary>
    public EventStoreDatabase(Placement placement, StackSettings settings)
        : base("eventfunctions:infra:EventStoreDatabase", "store")
    {
        _placement = placement;
        Account = new DatabaseAccount("store-account", Describe(settings), AccountOptions(settings));
        Database = new SqlResourceSqlDatabase(
            "store-database",
            new()
            {
                AccountName = Account.Name,
                DatabaseName = DatabaseName,
                ResourceGroupName = placement.ResourceGroup,
                Resource = new SqlDatabaseResourceArgs { Id = DatabaseName },
                // Containers have throughput of their own, so that deliveries cannot take what intake needs.
                Options = new CreateUpdateOptionsArgs(),
            },
            Kept(settings));
        Containers = [.. EventContainer.All.Select(c => Container(c, settings))];
        RegisterOutputs();
    }

    /// <summary>The account.</summary>
    public DatabaseAccount Account { get; }

    /// <summary>The database.</summary>
    public SqlResourceSqlDatabase Database { get; }

    /// <summary>The containers.</summary>
    public IReadOnlyList<SqlResourceSqlContainer> Containers { get; }

    /// <summary>Lets an identity read and write items of the database.</summary>
    /// <param name="principal">The identity's principal ID.</param>
    public SqlResourceSqlRoleAssignment Grant(Output<string> principal)
    {
        // The database's ID as the data plane spells it.
        var scope = Output.Format($"{Account.Id}/dbs/{Database.Name}");
        return new(
            "store-role",
            new()
            {
                AccountName = Account.Name,
                ResourceGroupName = _placement.ResourceGroup,
                RoleAssignmentId = Access.AssignmentId(DataContributor, scope, principal),
                RoleDefinitionId = Output.Format($"{Account.Id}/sqlRoleDefinitions/{DataContributor}"),
                PrincipalId = principal,
                Scope = scope,
            },
            // An account takes one change at a time, and refuses another instead of keeping it waiting.
            new() { Parent = this, DependsOn = [.. Containers] });
    }

    private CustomResourceOptions Kept(StackSettings settings) => new() { Parent = this, Protect = settings.Protect };

    private CustomResourceOptions AccountOptions(StackSettings settings)
    {
        var options = Kept(settings);
        if (settings.Throughput is { IsConverted: true })
            options.IgnoreChanges.Add("capabilities");
        else
            options.Hooks.BeforeUpdate.Add(CapacityMode.RefuseChange());

        return options;
    }

    private DatabaseAccountArgs Describe(StackSettings settings) => new()
    {
        AccountName = _placement.Global(),
        ResourceGroupName = _placement.ResourceGroup,
        Location = _placement.Region,
        Kind = DatabaseAccountKind.GlobalDocumentDB,
        DatabaseAccountOfferType = DatabaseAccountOfferType.Standard,
        Locations = { new LocationArgs { LocationName = _placement.Region, FailoverPriority = 0, IsZoneRedundant = false } },
        Capabilities = settings.Throughput is null ? [new CapabilityArgs { Name = CapacityMode.Serverless }] : [],
        ConsistencyPolicy = new ConsistencyPolicyArgs { DefaultConsistencyLevel = DefaultConsistencyLevel.Session },
        BackupPolicy = new ContinuousModeBackupPolicyArgs
        {
            Type = "Continuous",
            ContinuousModeProperties = new ContinuousModePropertiesArgs
            {
                Tier = settings.BackupDays == 30 ? ContinuousTier.Continuous30Days : ContinuousTier.Continuous7Days,
            },
        },
        DisableLocalAuth = true,
        DisableKeyBasedMetadataWriteAccess = true,
        MinimalTlsVersion = MinimalTlsVersion.Tls12,
        PublicNetworkAccess = settings.PrivateNetwork is null ? PublicNetworkAccess.Enabled : PublicNetworkAccess.Disabled,
    };

    private SqlResourceSqlContainer Container(EventContainer container, StackSettings settings) => new(
        container.Name,
        new()
        {
            AccountName = Account.Name,
            DatabaseName = Database.Name,
            ContainerName = container.Name,
            ResourceGroupName = _placement.ResourceGroup,
            Resource = new SqlContainerResourceArgs
            {
                Id = container.Name,
                PartitionKey = new ContainerPartitionKeyArgs { Kind = PartitionKind.Hash, Version = 2, Paths = { container.PartitionKey } },
                // On, but items live for ever unless they say otherwise.
                DefaultTtl = -1,
                IndexingPolicy = Indexing(container),
            },
            Options = settings.Throughput is { } throughput
                ? new CreateUpdateOptionsArgs { AutoscaleSettings = new AutoscaleSettingsArgs { MaxThroughput = throughput.Of(container.Name) } }
                : new CreateUpdateOptionsArgs(),
        },
        Kept(settings));

    private static IndexingPolicyArgs Indexing(EventContainer container)
    {
        var policy = new IndexingPolicyArgs { Automatic = true, IndexingMode = IndexingMode.Consistent };
        foreach (var property in container.Indexed)
            policy.IncludedPaths.Add(new IncludedPathArgs { Path = $"/{property}/?" });

        policy.ExcludedPaths.Add(new ExcludedPathArgs { Path = "/*" });
        foreach (var composite in container.Composite)
        {
            policy.CompositeIndexes.Add(composite
                .Select(p => new CompositePathArgs
                {
                    Path = "/" + p.TrimStart('-'),
                    Order = p.StartsWith('-') ? CompositePathSortOrder.Descending : CompositePathSortOrder.Ascending,
                })
                .ToImmutableArray());
        }

        return policy;
    }
}
