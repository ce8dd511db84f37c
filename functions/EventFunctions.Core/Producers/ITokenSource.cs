namespace EventFunctions.Producers;

/// <summary>Gets access tokens for the service's own identity.</summary>
public interface ITokenSource
{
    /// <summary>A bearer token that is valid for some minutes at least; implementations cache.</summary>
    /// <param name="scope">The scope asked for, for example <c>api://policies/.default</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TokenUnavailableException">No token could be had.</exception>
    ValueTask<string> GetTokenAsync(string scope, CancellationToken cancellationToken);
}

/// <summary>The service could not get a token for its own identity.</summary>
public sealed class TokenUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
