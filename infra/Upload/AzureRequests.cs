using System.Net.Http.Headers;
using Azure.Core;
using Azure.Identity;

namespace EventFunctions.Infra.Upload;

/// <summary>Sends requests to Azure under the deployer's identity, each for a limited time.</summary>
/// <param name="client">Sends them; its timeout is each request's.</param>
/// <param name="credential">Whom they are sent as.</param>
internal sealed class AzureRequests(HttpClient client, TokenCredential credential)
{
    private const string Management = "https://management.azure.com/.default";

    /// <summary>Sends a request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">Where.</param>
    /// <param name="content">The body; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="scope">Whom the token is for.</param>
    /// <exception cref="UploadException">There is no token.</exception>
    public async Task<AzureResponse> SendAsync(
        HttpMethod method, Uri url, HttpContent? content, CancellationToken cancellationToken, string scope = Management)
    {
        using var request = new HttpRequestMessage(method, url) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(scope, cancellationToken));
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return new(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            return new(null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"no answer within {client.Timeout}");
        }
    }

    private async Task<string> TokenAsync(string scope, CancellationToken cancellationToken)
    {
        try
        {
            return (await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken)).Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new UploadException(
                "There is no token for the deployment. Sign in with 'az login', or set ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET (or the variables for "
                + $"a certificate or OpenID Connect), as for Pulumi's Azure provider. ({string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))})");
        }
    }
}
