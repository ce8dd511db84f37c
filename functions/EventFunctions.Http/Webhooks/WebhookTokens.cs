using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Webhooks;

namespace EventFunctions.Http.Webhooks;

/// <summary>
/// Gets bearer tokens by OAuth 2 client credentials, and keeps each until shortly before it expires. Token endpoints are
/// reached as customers' endpoints are, under the same address rules, and no redirect is followed.
/// </summary>
internal sealed class WebhookTokens(IHttpClientFactory clients, TimeProvider time)
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxMargin = TimeSpan.FromMinutes(1);

    private readonly HttpClient _client = clients.CreateClient(HttpWebhookClient.ClientName);
    private readonly ConcurrentDictionary<WebhookAuth, Entry> _entries = [];

    /// <summary>Returns a token.</summary>
    /// <param name="auth">Who issues it to whom.</param>
    /// <param name="secret">The client's secret.</param>
    /// <param name="refused">A token that is not wanted any more; null if there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebhookCredentialsException">There is none.</exception>
    public async ValueTask<WebhookCredential> GetAsync(WebhookAuth auth, string secret, WebhookCredential? refused, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(auth, _ => new Entry());
        try
        {
            // One request for all deliveries that wait for it.
            await entry.Gate.WaitAsync(cancellationToken);
            try
            {
                if (entry.Header is { } known && time.GetUtcNow() < entry.RefreshAt && !known.Equals(refused?.Header))
                {
                    return new WebhookCredential(known, IsCached: true);
                }

                (entry.Header, entry.RefreshAt) = await AskAsync(auth, secret, cancellationToken);
                return new WebhookCredential(entry.Header);
            }
            finally
            {
                entry.Gate.Release();
            }
        }
        catch (Exception e) when (e is not WebhookCredentialsException)
        {
            throw Failed(e is OperationCanceledException ? "did not respond in time" : $"could not be reached ({HttpWebhookClient.FaultOf(e)})", e);
        }
    }

    private async Task<(AuthenticationHeaderValue Header, DateTimeOffset RefreshAt)> AskAsync(WebhookAuth auth, string secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, auth.TokenUrl);
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (auth.Scope is { } scope)
        {
            form["scope"] = scope;
        }

        request.Content = new FormUrlEncodedContent(form);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(
            $"{FormEncoded(auth.ClientId!)}:{FormEncoded(secret)}")));
        var asked = time.GetUtcNow();
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var json = await ReadAsync(response.Content, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Failed($"answered {(int)response.StatusCode}{ErrorOf(json)}");
        }

        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !(TextOf(root, "access_token") is { } token && WebhookCredential.IsToken(token))
            || !string.Equals(TextOf(root, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase))
        {
            throw Failed("returned no bearer token");
        }

        var lifetime = LifetimeOf(root);
        var margin = lifetime / 5 < MaxMargin ? lifetime / 5 : MaxMargin;
        return (new AuthenticationHeaderValue("Bearer", token), asked + lifetime - margin);
    }

    private static async Task<JsonDocument?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes + 1];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length > MaxBytes ? null : JsonDocument.Parse(buffer.AsMemory(0, length));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan LifetimeOf(JsonElement root)
    {
        // Some issuers write the number as text.
        var seconds = !root.TryGetProperty("expires_in", out var value) ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number
            : double.TryParse(TextOf(root, "expires_in"), NumberStyles.None, CultureInfo.InvariantCulture, out var text) ? text
            : (double?)null;
        return seconds is { } given ? TimeSpan.FromSeconds(Math.Clamp(given, 0, MaxLifetime.TotalSeconds)) : DefaultLifetime;
    }

    // Of a refusal only the code by RFC 6749, section 5.2: other parts may repeat what was sent.
    private static string ErrorOf(JsonDocument? json) =>
        json?.RootElement is { ValueKind: JsonValueKind.Object } root && TextOf(root, "error") is { Length: <= 64 } code && code.All(c => char.IsAsciiLetterLower(c) || c == '_')
            ? $" ({code})"
            : "";

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string FormEncoded(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static WebhookCredentialsException Failed(string how, Exception? innerException = null) =>
        new(WebhookFault.Token, $"The token endpoint {how}.", innerException);

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public AuthenticationHeaderValue? Header { get; set; }

        public DateTimeOffset RefreshAt { get; set; }
    }
}
