using Azure.Identity;
using EventFunctions.Infra.Upload;

namespace EventFunctions.Infra.Tests.Upload;

public sealed class DeployerCredentialTests
{
    [Theory]
    [InlineData("", typeof(AzureCliCredential))]
    [InlineData("ARM_CLIENT_ID ARM_TENANT_ID", typeof(AzureCliCredential))]
    [InlineData("ARM_CLIENT_ID ARM_CLIENT_SECRET", typeof(AzureCliCredential))]
    [InlineData("ARM_CLIENT_ID ARM_TENANT_ID ARM_CLIENT_SECRET", typeof(ClientSecretCredential))]
    [InlineData("ARM_CLIENT_ID ARM_TENANT_ID ARM_OIDC_TOKEN", typeof(ClientAssertionCredential))]
    [InlineData("ARM_CLIENT_ID ARM_TENANT_ID ARM_OIDC_TOKEN_FILE_PATH", typeof(ClientAssertionCredential))]
    [InlineData("ARM_CLIENT_ID ARM_TENANT_ID ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN", typeof(ClientAssertionCredential))]
    [InlineData("ARM_USE_MSI", typeof(ManagedIdentityCredential))]
    public void The_deployment_signs_in_as_Pulumi_does(string set, Type credential)
    {
        using var client = new HttpClient();

        Assert.IsType(credential, DeployerCredential.Create(name => !set.Split(' ').Contains(name) ? null : name == "ARM_USE_MSI" ? "true" : "x1", client));
    }

    [Fact]
    public void The_command_line_that_pulumi_up_writes_can_be_read()
    {
        const string line = "--subscription s --resource-group g --app a --workspace w --package p.zip";

        Assert.Equal(new UploadTarget("s", "g", "a", "w", "p.zip"), UploadTarget.Parse(line.Split(' ')));
        Assert.Equal("--app is missing; pulumi up runs this command itself.", Assert.Throws<UploadException>(() => UploadTarget.Parse(["--subscription", "s", "--resource-group", "g"])).Message);
    }
}
