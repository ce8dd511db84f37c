using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>A customer with an endpoint for each of its webhooks, which verifies what it is posted and remembers it.</summary>
internal sealed class WebhookCustomer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, WebhookSecret> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Posted> _posted = new();

    private WebhookCustomer(WebApplication app) => _app = app;

    /// <summary>What came and was genuine, as often as it did.</summary>
    public IReadOnlyList<Posted> All => [.. _posted];

    /// <summary>How many requests were not genuine.</summary>
    public int Forged { get; private set; }

    /// <summary>How an endpoint answers, by the webhook's name and the number of the request, counted from 1.</summary>
    public Func<string, int, CancellationToken, Task<int>> Answer { get; set; } = (_, _, _) => Task.FromResult(StatusCodes.Status204NoContent);

    public static async Task<WebhookCustomer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var customer = new WebhookCustomer(app);
        app.MapPost("/{webhook}", customer.TakeAsync);
        await app.StartAsync();
        return customer;
    }

    /// <summary>Registers an endpoint with the service.</summary>
    public async Task RegisterAsync(HttpClient administrator, string webhook, string more = "", CancellationToken cancellationToken = default)
    {
        var body = new StringContent($$"""{"url":"{{_app.Urls.Single()}}/{{webhook}}"{{more}}}""", new MediaTypeHeaderValue("application/json"));
        using var answer = await administrator.PutAsync("/api/webhooks/" + webhook, body, cancellationToken);
        var shown = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, shown);
        Assert.True(WebhookSecret.TryParse(JsonElement.Parse(shown).GetProperty("secret").GetString(), out var secret));
        _secrets[webhook] = secret;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string webhook, HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var id = request.Headers[StandardWebhookSignature.IdHeader].ToString();
        if (!_secrets.TryGetValue(webhook, out var secret) || StandardWebhookSignature.Verify(
            [secret],
            id,
            request.Headers[StandardWebhookSignature.TimestampHeader],
            request.Headers[StandardWebhookSignature.SignatureHeader],
            body.ToArray(),
            DateTimeOffset.UtcNow) != SignatureVerdict.Valid)
        {
            Forged++;
            return Results.Unauthorized();
        }

        var one = JsonElement.Parse(body.ToArray());
        _posted.Enqueue(new Posted(webhook, id, one.GetProperty("id").GetString()!, one, request.Headers.TraceParent.ToString()));
        return Results.StatusCode(await Answer(webhook, _posted.Count(posted => posted.Webhook == webhook), cancellationToken));
    }

    /// <summary>Something that came.</summary>
    internal sealed record Posted(string Webhook, string Id, string EventId, JsonElement Event, string TraceParent)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Webhook}: {EventId} as {Id}");
    }
}
