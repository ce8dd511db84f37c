using System.Net.Http.Headers;
using System.Text;
using EventFunctions.Webhooks;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http.Webhooks;

/// <summary>Makes what a customer's endpoint asks for beside the signature.</summary>
/// <param name="settings">Holds secrets below <c>WebhookSecrets:</c>.</param>
/// <param name="tokens">Gets tokens by OAuth 2.</param>
internal sealed class WebhookCredentials(IConfiguration settings, WebhookTokens tokens)
{
    /// <summary>Returns the credentials for one attempt.</summary>
    /// <param name="auth">How the endpoint wants it.</param>
    /// <param name="refused">The credentials that the endpoint has just refused, which are not taken from the cache; null at first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebhookCredentialsException">There are none.</exception>
    public async ValueTask<WebhookCredential> GetAsync(WebhookAuth auth, WebhookCredential? refused, CancellationToken cancellationToken)
    {
        var setting = "WebhookSecrets:" + auth.Secret;
        if (settings[setting] is not { Length: > 0 } secret)
        {
            throw new WebhookCredentialsException(WebhookFault.MissingSecret, $"The setting {setting} is missing.");
        }

        switch (auth.Kind)
        {
            case WebhookAuthKind.Basic:
                return new WebhookCredential(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.User}:{secret}"))));
            case WebhookAuthKind.Oauth2:
                return await tokens.GetAsync(auth, secret, refused, cancellationToken);
            default:
                return WebhookCredential.IsToken(secret)
                    ? new WebhookCredential(new AuthenticationHeaderValue("Bearer", secret))
                    : throw new WebhookCredentialsException(WebhookFault.MissingSecret, $"The setting {setting} contains characters that are not allowed in a bearer token.");
        }
    }
}

/// <summary>Credentials for one attempt.</summary>
/// <param name="Header">The value of the header <c>Authorization</c>.</param>
/// <param name="IsCached">Whether it was made for an earlier attempt, and may be refused although a new one would not.</param>
internal sealed record WebhookCredential(AuthenticationHeaderValue Header, bool IsCached = false)
{
    private const int MaxTokenLength = 8_192;

    /// <summary>Whether a text can be sent as a token.</summary>
    public static bool IsToken(string text) => text.Length is > 0 and <= MaxTokenLength && text.All(c => c is > ' ' and <= '~');
}

/// <summary>Thrown when there are no credentials for an endpoint. Its message holds no secret.</summary>
internal sealed class WebhookCredentialsException(string fault, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>One of <see cref="WebhookFault"/>.</summary>
    public string Fault => fault;
}
