using Azure.Core;
using Azure.Identity;

namespace EventFunctions.Cli.Service;

/// <summary>An Entra ID token of one scope, kept until shortly before it expires.</summary>
/// <param name="scope">The scope.</param>
/// <param name="context">The credential and the clock.</param>
internal sealed class EntraToken(string scope, ToolContext context)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly TokenCredential _credential = context.Credential();
    private AccessToken _token;

    /// <summary>The token.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ToolException">Nobody is signed in, or may not have it.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_token.ExpiresOn > context.Time.GetUtcNow() + Margin)
        {
            return _token.Token;
        }

        try
        {
            _token = await _credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            return _token.Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new ToolException(ExitCode.Unauthorized, [$"Entra ID gives no token of the scope {scope}:", .. e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]);
        }
    }
}
