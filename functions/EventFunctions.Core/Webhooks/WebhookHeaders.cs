using System.Collections.Frozen;
using System.Collections.Immutable;
using EventFunctions.Definitions;

namespace EventFunctions.Webhooks;

/// <summary>Reads the headers of its own that a webhook's deliveries carry.</summary>
internal static class WebhookHeaders
{
    private const int MaxCount = 10;
    private const int MaxNameLength = 100;
    private const int MaxValueLength = 4_096;

    // What the service, or the connection, says itself.
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Encoding", "Authorization", "Connection", "Cookie", "Date", "Expect", "Forwarded", "Host", "Keep-Alive", "Origin",
        "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "Via", "traceparent", "tracestate");

    private static readonly string[] ReservedPrefixes = ["content-", "webhook-", "x-forwarded-", "ce-", "sec-", "proxy-"];

    /// <summary>No headers.</summary>
    public static ImmutableSortedDictionary<string, string> None { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the object, and reports errors.</summary>
    /// <param name="fields">The object.</param>
    public static ImmutableSortedDictionary<string, string> Read(DefinitionObject fields)
    {
        var headers = None;
        foreach (var (name, json) in fields.Rest())
        {
            if (NameError(name) is { } wrong)
            {
                fields.Error(name, wrong);
            }
            else if (json.ValueKind != System.Text.Json.JsonValueKind.String || json.GetString() is not { Length: > 0 and <= MaxValueLength } value
                || value.Any(c => c is < ' ' or > '~') || value.Trim() != value)
            {
                fields.Error(name, $"Must be a text of 1 to {MaxValueLength} visible ASCII characters, without spaces at its ends. For a secret, use auth.");
            }
            else if (headers.ContainsKey(name))
            {
                fields.Error(name, "Is there twice; the case of a header's name does not count.");
            }
            else
            {
                headers = headers.Add(name, value);
            }
        }

        if (headers.Count > MaxCount)
        {
            fields.Error(null, $"A webhook can have at most {MaxCount} headers.");
        }

        return headers;
    }

    private static string? NameError(string name) =>
        name.Length is 0 or > MaxNameLength || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            ? $"The name of a header has 1 to {MaxNameLength} letters, digits, hyphens and underscores."
            : Reserved.Contains(name) || ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                ? "The service sets this header itself. Use another name, or auth for credentials."
                : null;
}
