using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;

namespace EventFunctions.Infra.Upload;

/// <summary>Chooses whom the deployment signs in as: what Pulumi's Azure provider reads from the environment, or the login of the Azure CLI.</summary>
internal static class DeployerCredential
{
    private const string Audience = "api://AzureADTokenExchange";

    /// <summary>Returns the credential.</summary>
    /// <param name="get">Gives the value of an environment variable; null if it is not set.</param>
    /// <param name="client">Fetches the identity token of a pipeline.</param>
    public static TokenCredential Create(Func<string, string?> get, HttpClient client)
    {
        var clientId = Value("ARM_CLIENT_ID");
        if (Value("ARM_USE_MSI") == "true")
            return new ManagedIdentityCredential(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));

        if (clientId is null || Value("ARM_TENANT_ID") is not { } tenant)
            return new AzureCliCredential();

        if (Value("ARM_CLIENT_SECRET") is { } secret)
            return new ClientSecretCredential(tenant, clientId, secret);

        if (Value("ARM_CLIENT_CERTIFICATE_PATH") is { } certificate)
            return new ClientCertificateCredential(tenant, clientId, X509CertificateLoader.LoadPkcs12FromFile(certificate, Value("ARM_CLIENT_CERTIFICATE_PASSWORD")));

        if (Value("ARM_OIDC_TOKEN") is { } token)
            return new ClientAssertionCredential(tenant, clientId, _ => Task.FromResult(token));

        if (Value("ARM_OIDC_TOKEN_FILE_PATH") is { } file)
            return new ClientAssertionCredential(tenant, clientId, cancellationToken => File.ReadAllTextAsync(file, cancellationToken));

        if ((Value("ARM_OIDC_REQUEST_URL") ?? Value("ACTIONS_ID_TOKEN_REQUEST_URL")) is { } url
            && (Value("ARM_OIDC_REQUEST_TOKEN") ?? Value("ACTIONS_ID_TOKEN_REQUEST_TOKEN")) is { } bearer)
        {
            return new ClientAssertionCredential(tenant, clientId, cancellationToken => PipelineTokenAsync(client, url, bearer, cancellationToken));
        }

        return new AzureCliCredential();

        string? Value(string name) => get(name) is { Length: > 0 } value ? value : null;
    }

    private static async Task<string> PipelineTokenAsync(HttpClient client, string url, string bearer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}&audience={Uri.EscapeDataString(Audience)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return json.RootElement.GetProperty("value").GetString()!;
    }
}
