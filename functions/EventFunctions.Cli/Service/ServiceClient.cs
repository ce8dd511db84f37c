using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Cli.Service;

/// <summary>The service's HTTP API, as docs/openapi.yaml has it.</summary>
internal sealed class ServiceClient : IDisposable
{
    // A page of a thousand records is far smaller; whatever sends more is not the service.
    private const int MaxResponseBytes = 268_435_456;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(100);
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1_000 };

    private readonly HttpClient _http;
    private readonly EntraToken? _token;

    /// <summary>Makes a client.</summary>
    /// <param name="connection">Which service.</param>
    /// <param name="context">The network.</param>
    public ServiceClient(Connection connection, ToolContext context)
    {
        Connection = connection;
        _token = connection.Scope is null ? null : new EntraToken(connection.Scope, context);

        // No redirects: keys go where they were meant to go, and nowhere else.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !connection.IsLoopback, AutomaticDecompression = DecompressionMethods.All, UseCookies = false };
        _http = new HttpClient(context.Network(handler))
        {
            BaseAddress = connection.Url,
            Timeout = Timeout,
            MaxResponseContentBufferSize = MaxResponseBytes,
        };
    }

    /// <summary>Which service it is.</summary>
    public Connection Connection { get; }

    /// <summary>Reads something.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ToolException">The service refuses or cannot be reached.</exception>
    public Task<ServiceResponse> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new ServiceCall(HttpMethod.Get, path), cancellationToken);

    /// <summary>Makes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ToolException">The service refuses or cannot be reached.</exception>
    public async Task<ServiceResponse> SendAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(call, cancellationToken);
        return !answer.IsSuccess ? throw answer.ToException(Connection)
            : answer.IsJson || answer.Body.Length == 0 || call.TakesAnything ? answer
            : throw new ToolException(ExitCode.Failed, $"What {Connection.Url} answered is not JSON but {answer.MediaType ?? "nothing known"}. Is the URL right?");
    }

    /// <summary>Makes a call, and returns every response, also errors.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ToolException">The service cannot be reached, or what answers is none.</exception>
    public async Task<ServiceResponse> AskAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(call, cancellationToken);
        using var response = await ReachAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>Opens a streaming response.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait for the answer's beginning.</param>
    /// <returns>A success.</returns>
    /// <exception cref="ToolException">The service refuses or cannot be reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(call, cancellationToken);
        var response = await ReachAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw (await ReadAsync(response, cancellationToken)).ToException(Connection);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(call.Method, call.Path.TrimStart('/'));
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(call.ContentType);
        }

        foreach (var (name, value) in call.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                throw new ToolException(ExitCode.Usage, $"The header {name} cannot have this value.");
            }
        }

        Add("x-functions-key", Connection.Key);
        Add("x-admin-key", Connection.AdministrationKey);
        Add("x-producer-key", Connection.ProducerKey);
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _token.GetAsync(cancellationToken));
        }

        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.Add(name, value);
            }
        }
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ToolException(ExitCode.Unreachable, $"{Connection.Url} cannot be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(ExitCode.Unreachable, $"{Connection.Url} did not answer within {Timeout.TotalSeconds} seconds.");
        }
    }

    private async Task<ServiceResponse> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] body;
        try
        {
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ToolException(ExitCode.Unreachable, $"The answer of {Connection.Url} broke off: {e.Message}");
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        return new ServiceResponse((int)response.StatusCode, type is "application/json" or "application/problem+json" ? Parse(body) : default)
        {
            Body = body,
            MediaType = type,
            ETag = response.Headers.ETag?.ToString(),
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private JsonElement Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Reading);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new ToolException(ExitCode.Failed, $"What {Connection.Url} answered is not the JSON that it says it is.");
        }
    }
}
