using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Who may publish to a topic: holders of one of its keys (<c>aeg-sas-key</c>) or of a token signed with one
/// (<c>aeg-sas-token</c>, or <c>Authorization: SharedAccessSignature</c>).
/// </summary>
internal sealed class TopicAccess(TopicKeys keys, bool acceptBearerTokens)
{
    private const string SignatureScheme = "SharedAccessSignature ";
    private const string BearerScheme = "Bearer ";

    private readonly byte[][] _keys = [.. new[] { keys.Key1, keys.Key2 }.Where(k => !string.IsNullOrEmpty(k)).Select(k => Encoding.UTF8.GetBytes(k!))];

    /// <summary>Refuses requests that may not publish.</summary>
    /// <exception cref="RefusedPublicationException">The request has no valid key or token.</exception>
    public void Check(HttpRequest request, TimeProvider time)
    {
        var headers = request.Headers;
        if (headers.TryGetValue("aeg-sas-key", out var key))
        {
            Require(IsKey(key), request);
        }
        else if (headers.TryGetValue("aeg-sas-token", out var token))
        {
            Require(IsToken(token.ToString(), time), request);
        }
        else if (headers.Authorization.ToString() is var authorization && authorization.StartsWith(SignatureScheme, StringComparison.OrdinalIgnoreCase))
        {
            Require(IsToken(authorization[SignatureScheme.Length..].Trim(), time), request);
        }
        else if (authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase))
        {
            Require(acceptBearerTokens, request);
        }
        else
        {
            throw new RefusedPublicationException(
                HttpStatusCode.Unauthorized,
                "Unauthorized",
                "Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.");
        }
    }

    private static void Require(bool isAuthorized, HttpRequest request)
    {
        if (!isAuthorized)
        {
            throw new RefusedPublicationException(
                HttpStatusCode.Unauthorized,
                "Unauthorized",
                $"The request authorization key is not authorized for {request.Host.Value?.ToUpperInvariant()}.");
        }
    }

    // Every key is compared, so that the time tells nothing.
    private bool IsKey(StringValues key)
    {
        Span<byte> given = stackalloc byte[256];
        if (!Encoding.UTF8.TryGetBytes(key.ToString(), given, out var length))
        {
            return false;
        }

        var found = false;
        foreach (var expected in _keys)
        {
            found |= CryptographicOperations.FixedTimeEquals(given[..length], expected);
        }

        return found;
    }

    // r=<resource>&e=<expiry, UTC>&s=<base64 of HMAC-SHA256 over all before &s=>, each percent-encoded.
    private bool IsToken(string token, TimeProvider time)
    {
        var end = token.LastIndexOf("&s=", StringComparison.Ordinal);
        if (end < 0 || !token.StartsWith("r=", StringComparison.Ordinal))
        {
            return false;
        }

        var signed = token[..end];
        var expires = signed.IndexOf("&e=", StringComparison.Ordinal);
        return expires >= 0
            && DateTimeOffset.TryParse(
                WebUtility.UrlDecode(signed[(expires + 3)..]),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var expiry)
            && expiry > time.GetUtcNow()
            && IsSigned(signed, WebUtility.UrlDecode(token[(end + 3)..]));
    }

    private bool IsSigned(string text, string signature)
    {
        var given = new byte[HMACSHA256.HashSizeInBytes];
        if (!Convert.TryFromBase64String(signature, given, out var length) || length != given.Length)
        {
            return false;
        }

        var found = false;
        foreach (var key in _keys)
        {
            var secret = new byte[key.Length];
            if (Convert.TryFromBase64String(Encoding.UTF8.GetString(key), secret, out var secretLength))
            {
                var expected = HMACSHA256.HashData(secret.AsSpan(0, secretLength), Encoding.UTF8.GetBytes(text));
                found |= CryptographicOperations.FixedTimeEquals(given, expected);
            }
        }

        return found;
    }
}
