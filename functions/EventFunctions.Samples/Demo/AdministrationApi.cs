using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Local.Demo;

/// <summary>What a call was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body.</param>
/// <param name="Location">Where what was begun can be followed.</param>
public sealed record ApiResponse(int Status, JsonElement Json, string? Location);

/// <summary>The service's HTTP API as its administrator uses it.</summary>
public sealed class AdministrationApi : IDisposable
{
    private static readonly MediaTypeHeaderValue PlainJson = new("application/json");

    private readonly HttpClient _http;

    /// <summary>Makes a client.</summary>
    /// <param name="address">The host's URL, ending in a slash.</param>
    /// <param name="functionKey">The host key; null where none is asked for.</param>
    /// <param name="key">The administration key.</param>
    public AdministrationApi(Uri address, string? functionKey, string? key)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        Add("x-functions-key", functionKey);
        Add("x-admin-key", key);

        void Add(string header, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                _http.DefaultRequestHeaders.Add(header, value);
            }
        }
    }

    /// <summary>Where the service is, ending in a slash.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Reads something.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ApiResponse> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Begins something.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="body">What, as JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ApiResponse> PostAsync(string path, string body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>Makes or changes something.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="body">What, as JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ApiResponse> PutAsync(string path, string body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, path, body, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<ApiResponse> SendAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, PlainJson) };
        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return new ApiResponse((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), response.Headers.Location?.OriginalString);
    }
}
