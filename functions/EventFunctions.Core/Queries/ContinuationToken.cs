using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Queries;

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
            ?? throw new OptionsValidationException(nameof(ApiOptions), typeof(ApiOptions), options.Value.Validate());
    }

    /// <summary>Returns a filter of events as texts, its times in UTC.</summary>
    /// <param name="filter">The filter.</param>
    public static IReadOnlyList<string?> FiltersOf(EventFilter filter) =>
    [
        filter.Status is { } status ? ((int)status).ToString(CultureInfo.InvariantCulture) : null,
        filter.Source,
        filter.Type,
        filter.Subject,
        filter.From?.UtcTicks.ToString(CultureInfo.InvariantCulture),
        filter.To?.UtcTicks.ToString(CultureInfo.InvariantCulture),
        filter.Dismissed?.ToString(),
        filter.Reason,
        filter.Producer,
    ];

    /// <summary>Makes the token that leads to the next page.</summary>
    /// <param name="filters">What is listed, as any number of texts that only this list has in this order.</param>
    /// <param name="continuation">The store's continuation.</param>
    public string Protect(IReadOnlyList<string?> filters, string continuation)
    {
        var payload = Encoding.UTF8.GetBytes(continuation);
        return Base64Url.EncodeToString([.. Sign(filters, payload), .. payload]);
    }

    /// <summary>Reads a token back.</summary>
    /// <param name="filters">What is listed.</param>
    /// <param name="token">Anything.</param>
    /// <returns>The store's continuation; null where the token was not given for these filters.</returns>
    public string? Unprotect(IReadOnlyList<string?> filters, string token)
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
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, HMACSHA256.HashSizeInBytes), Sign(filters, payload))
            ? StrictUtf8.GetString(payload)
            : null;
    }

    private byte[] Sign(IReadOnlyList<string?> filters, ReadOnlySpan<byte> payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var filter in filters)
        {
            Append(hmac, filter);
        }

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
