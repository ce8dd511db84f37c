namespace EventFunctions.Infra.Configuration;

/// <summary>The Entra ID application that callers may present tokens for.</summary>
/// <param name="ClientId">The application's client ID.</param>
/// <param name="TenantId">The tenant that issues the tokens.</param>
/// <param name="Audiences">Whom tokens may be issued for; none means <c>api://CLIENT-ID</c>.</param>
internal sealed record EntraSettings(Guid ClientId, Guid TenantId, IReadOnlyList<string>? Audiences = null)
{
    public const string Example = """{"clientId":"7d1a0f5e-…","tenantId":"0c9b7a3d-…"}""";

    /// <summary>Whom tokens may be issued for.</summary>
    public IReadOnlyList<string> AllowedAudiences => Audiences is { Count: > 0 } ? Audiences : [$"api://{ClientId}"];
}
