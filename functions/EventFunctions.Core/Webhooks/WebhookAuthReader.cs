using EventFunctions.Definitions;

namespace EventFunctions.Webhooks;

/// <summary>Reads the <c>auth</c> of a webhook's definition.</summary>
/// <param name="auth">The object.</param>
/// <param name="checkUrl">Parses a URL, or says what is wrong with it.</param>
internal sealed class WebhookAuthReader(DefinitionObject auth, Func<string, (string? Error, Uri? Url)> checkUrl)
{
    private const int MaxUserLength = 255;
    private const int MaxTextLength = 1_024;

    /// <summary>Reads the definition, and reports errors.</summary>
    /// <param name="url">The endpoint; null if the definition has none.</param>
    /// <returns>Null if there is something wrong.</returns>
    public WebhookAuth? Read(Uri? url)
    {
        if (!auth.Has("kind"))
        {
            auth.Error("kind", "kind is missing. Use \"bearer\", \"basic\" or \"oauth2\".");
        }

        var kind = auth.Choice("kind", ("bearer", WebhookAuthKind.Bearer), ("basic", WebhookAuthKind.Basic), ("oauth2", WebhookAuthKind.Oauth2));
        Uri? tokenUrl = null;
        var secret = Text(kind, "secret", SecretName.MeaningForWebhooks, SecretName.IsValid, WebhookAuthKind.Bearer, WebhookAuthKind.Basic, WebhookAuthKind.Oauth2);
        var user = Text(kind, "user", $"a user name without a colon, of at most {MaxUserLength} characters", IsUser, WebhookAuthKind.Basic);
        var clientId = Text(kind, "clientId", $"the client ID, of at most {MaxTextLength} characters", IsText, WebhookAuthKind.Oauth2);
        if (kind == WebhookAuthKind.Oauth2)
        {
            auth.Text("tokenUrl", text => CheckTokenUrl(text, out tokenUrl), "This kind of auth needs the token endpoint's URL.");
        }
        else
        {
            _ = Text(kind, "tokenUrl", "", IsText, WebhookAuthKind.Oauth2);
        }

        var scope = kind == WebhookAuthKind.Oauth2
            ? auth.Text("scope", text => IsText(text) ? null : $"Must be scopes separated by spaces, at most {MaxTextLength} characters.")
            : Text(kind, "scope", "", IsText, WebhookAuthKind.Oauth2);
        auth.Close();
        if (url is { Scheme: "http", IsLoopback: false })
        {
            auth.Error(null, "Secrets are sent over https only. Use https in url.");
        }

        return kind is null || secret is null ? null : new WebhookAuth
        {
            Kind = kind.Value,
            Secret = secret,
            User = user,
            TokenUrl = tokenUrl,
            ClientId = clientId,
            Scope = scope,
        };
    }

    private static bool IsUser(string text) => IsText(text) && text.Length <= MaxUserLength && !text.Contains(':', StringComparison.Ordinal);

    private static bool IsText(string text) => text.Length is > 0 and <= MaxTextLength && text.All(c => c is >= ' ' and <= '~');

    private string? CheckTokenUrl(string text, out Uri? tokenUrl)
    {
        (var error, tokenUrl) = checkUrl(text);
        return error ?? (tokenUrl is { Scheme: "http", IsLoopback: false } ? "Secrets are sent over https only. Use an https URL." : null);
    }

    private string? Text(WebhookAuthKind? kind, string name, string meaning, Func<string, bool> isValid, params WebhookAuthKind[] belongsTo)
    {
        if (kind is null || belongsTo.Contains(kind.Value))
        {
            var needs = $"This kind of auth needs {meaning}.";
            return auth.Text(name, text => kind is null || isValid(text) ? null : needs, kind is null ? null : needs);
        }

        if (auth.TryTake(name, out _))
        {
            auth.Error(name, "Not allowed for this kind of auth.");
        }

        return null;
    }
}
