using Pulumi;
using Pulumi.AzureNative.KeyVault;
using Pulumi.AzureNative.KeyVault.Inputs;
using RandomBytes = Pulumi.Random.RandomBytes;

namespace EventFunctions.Infra.Components;

/// <summary>The key vault with the administration key, which the app's settings only refer to.</summary>
internal sealed class AdministrationVault : ComponentResource
{
    private const string SecretName = "administration-key";

    private readonly Secret _secret;

    /// <summary>Makes the key, and the vault that keeps it.</summary>
    public AdministrationVault(Placement placement, bool isPrivate)
        : base("eventfunctions:infra:AdministrationVault", "administration-vault")
    {
        var key = new RandomBytes(SecretName, new() { Length = 32 }, new() { Parent = this });
        Vault = new Vault(
            "vault",
            new()
            {
                VaultName = placement.Global(),
                ResourceGroupName = placement.ResourceGroup,
                Location = placement.Region,
                Properties = new VaultPropertiesArgs
                {
                    TenantId = placement.TenantId,
                    Sku = new SkuArgs { Family = SkuFamily.A, Name = SkuName.Standard },
                    EnableRbacAuthorization = true,
                    EnableSoftDelete = true,
                    SoftDeleteRetentionInDays = 7,
                    PublicNetworkAccess = isPrivate ? "Disabled" : "Enabled",
                },
            },
            new() { Parent = this });
        _secret = new Secret(
            "administration-key-secret",
            new()
            {
                SecretName = SecretName,
                VaultName = Vault.Name,
                ResourceGroupName = placement.ResourceGroup,
                Properties = new SecretPropertiesArgs { ContentType = "text/plain", Value = Output.CreateSecret(key.Base64) },
            },
            new() { Parent = this });
        RegisterOutputs();
    }

    /// <summary>The vault.</summary>
    public Vault Vault { get; }

    /// <summary>The app setting that the platform replaces by the key. It names the version, so that another key restarts the app.</summary>
    public Output<string> Reference => _secret.Properties.Apply(p => $"@Microsoft.KeyVault(SecretUri={p.SecretUriWithVersion})");

    /// <summary>The command that shows the key to those who may read it.</summary>
    public Output<string> ShowCommand => Output.Format($"az keyvault secret show --vault-name {Vault.Name} --name {SecretName} --query value --output tsv");

    /// <summary>Lets an identity read the key, and nothing else in the vault.</summary>
    /// <param name="access">Gives the role.</param>
    /// <param name="principal">The identity's principal ID.</param>
    public void GrantRead(Access access, Output<string> principal) =>
        access.Grant("administration-key-role", Role.KeyVaultSecretsUser, _secret.Id, principal, this);
}
