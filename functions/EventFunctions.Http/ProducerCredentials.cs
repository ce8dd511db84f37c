using EventFunctions.Producers;
using EventFunctions.Records;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http;

/// <summary>Makes the service known to a producer, with a secret from the settings or a token for its own identity.</summary>
/// <param name="settings">Holds secrets below <c>ProducerSecrets:</c>.</param>
/// <param name="tokens">Null where the service has no identity.</param>
internal sealed class ProducerCredentials(IConfiguration settings, ITokenSource? tokens = null)
{
    /// <summary>Adds a producer's credentials to a request.</summary>
    /// <param name="request">A request to a URL under the producer's base URL.</param>
    /// <param name="producer">The producer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FetchException">There are none; another attempt may find that somebody mended the settings.</exception>
    public async ValueTask AddAsync(HttpRequestMessage request, Producer producer, CancellationToken cancellationToken)
    {
        var auth = producer.Data!.Auth;
        switch (auth.Kind)
        {
            case ProducerAuthKind.Header:
                var setting = "ProducerSecrets:" + auth.Secret;
                if (settings[setting] is not { Length: > 0 } secret)
                {
                    throw Missing(producer, $"the setting {setting} is missing");
                }

                if (!request.Headers.TryAddWithoutValidation(auth.Header ?? "", secret))
                {
                    throw Missing(producer, $"the secret is not a valid value of the header \"{auth.Header}\"");
                }

                break;
            case ProducerAuthKind.ManagedIdentity:
                try
                {
                    var token = tokens is null
                        ? throw Missing(producer, "the service has no managed identity")
                        : await tokens.GetTokenAsync(auth.Scope ?? "", cancellationToken);
                    request.Headers.Authorization = new("Bearer", token);
                }
                catch (TokenUnavailableException e)
                {
                    throw Missing(producer, e.Message, e);
                }

                break;
            default:
                break;
        }
    }

    private static FetchException Missing(Producer producer, string what, Exception? innerException = null) =>
        new(FailureReason.AccessDenied, permanent: false, $"No credentials for the producer \"{producer.Name}\": {what}.", innerException);
}
