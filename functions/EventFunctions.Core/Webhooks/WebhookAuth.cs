namespace EventFunctions.Webhooks;

/// <summary>How the service authenticates at a customer's endpoint, beside the signature of each delivery.</summary>
public sealed record WebhookAuth
{
    /// <summary>The kind.</summary>
    public required WebhookAuthKind Kind { get; init; }

    /// <summary>The name of the setting below <c>WebhookSecrets:</c> that holds the token, password or client secret; never the secret itself.</summary>
    public required string Secret { get; init; }

    /// <summary>The user name of basic authentication; null for other kinds.</summary>
    public string? User { get; init; }

    /// <summary>Where OAuth 2 tokens are issued; null for other kinds.</summary>
    public Uri? TokenUrl { get; init; }

    /// <summary>The OAuth 2 client; null for other kinds.</summary>
    public string? ClientId { get; init; }

    /// <summary>The OAuth 2 scope to ask for; null to ask for none.</summary>
    public string? Scope { get; init; }
}

/// <summary>A kind of authentication.</summary>
public enum WebhookAuthKind
{
    /// <summary>A fixed bearer token (RFC 6750).</summary>
    Bearer,

    /// <summary>User name and password (RFC 7617).</summary>
    Basic,

    /// <summary>A bearer token that the service gets by OAuth 2 client credentials (RFC 6749, section 4.4).</summary>
    Oauth2,
}
