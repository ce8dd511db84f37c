using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.Ports;
using Microsoft.Extensions.Options;

namespace EventFunctions.Consumption;

/// <summary>
/// Gives clients the store's continuation in a form that they can neither forge nor use with other filters: base64url of
/// HMAC-SHA256 over filters and continuation, followed by the continuation. The page size may change from page to page.
/// </summary>
public sealed class ContinuationToken
{
    /// <summary>The most characters in a token that is looked at.</summary>
    public const int MaxLength = 16_384;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _key;

    /// <summary>Uses the key of the settings.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="OptionsValidationException">The key is missing, no base64, or too short.</exception>
    public ContinuationToken(IOptions<ApiOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _key = options.Value.ContinuationKeyBytes
            ?? throw new OptionsValidationException(nameof(ApiOptions), typeof(ApiOptions), new ApiOptionsValidator().Validate(null, options.Value).Failures ?? []);
    }

    /// <summary>Makes the token that leads to the next page.</summary>
    /// <param name="query">The query of the page before.</param>
    /// <param name="continuation">The store's continuation.</param>
    public string Protect(EventQuery query, string continuation)
    {
        var payload = Encoding.UTF8.GetBytes(continuation);
        return Base64Url.EncodeToString([.. Sign(query, payload), .. payload]);
    }

    /// <summary>Reads a token back.</summary>
    /// <param name="query">The query that comes with it; its own continuation and limit do not matter.</param>
    /// <param name="token">Anything.</param>
    /// <returns>The store's continuation; null where the token was not given for these filters.</returns>
    public string? Unprotect(EventQuery query, string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length > MaxLength || !Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < HMACSHA256.HashSizeInBytes)
        {
            return null;
        }

        var payload = bytes.AsSpan(HMACSHA256.HashSizeInBytes);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, HMACSHA256.HashSizeInBytes), Sign(query, payload))
            ? StrictUtf8.GetString(payload)
            : null;
    }

    private byte[] Sign(EventQuery query, ReadOnlySpan<byte> payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        Append(hmac, query.Status is { } status ? ((int)status).ToString(CultureInfo.InvariantCulture) : null);
        Append(hmac, query.Source);
        Append(hmac, query.Type);
        Append(hmac, query.Subject);
        Append(hmac, query.From?.UtcTicks.ToString(CultureInfo.InvariantCulture));
        Append(hmac, query.To?.UtcTicks.ToString(CultureInfo.InvariantCulture));
        Append(hmac, query.Dismissed?.ToString());
        hmac.AppendData(payload);
        return hmac.GetHashAndReset();
    }

    // With its length before it, so that no two sets of filters look alike.
    private static void Append(IncrementalHash hmac, string? filter)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var bytes = filter is null ? null : Encoding.UTF8.GetBytes(filter);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes?.Length ?? -1);
        hmac.AppendData(length);
        hmac.AppendData(bytes ?? []);
    }
}
