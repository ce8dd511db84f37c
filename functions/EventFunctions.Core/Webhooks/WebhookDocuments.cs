using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Filters;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks;

/// <summary>The documents of the webhooks. Filters are kept as text: Cosmos DB's numbers are doubles.</summary>
internal static class WebhookDocuments
{
    /// <summary>The ID of the document that a webhook has once.</summary>
    public const string Id = "webhook";

    /// <summary>What tells webhooks from all else in their container: it never changes, so that pages of them are steady.</summary>
    public const string Status = "webhook";

    private static readonly WebhookContext Context = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JsonStringEnumConverter<WebhookEvents>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<WebhookAuthKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    });

    public static Document Write(RegisteredWebhook registered) => new(
        registered.Webhook.Name,
        Id,
        JsonSerializer.SerializeToUtf8Bytes(Fields(registered.Webhook) with { Stamp = registered.Stamp }, Context.WebhookDocument));

    /// <summary>Whether two webhooks are written alike.</summary>
    public static bool AreEqual(Webhook one, Webhook other) => one.Name == other.Name && Fields(one) == Fields(other);

    /// <summary>Reads <see cref="Write"/>.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static RegisteredWebhook Read(StoredDocument document)
    {
        var fields = JsonSerializer.Deserialize(document.Body.Span, Context.WebhookDocument) ?? throw Wrong("null");
        var webhook = new Webhook
        {
            Name = document.Partition,
            Url = Uri.TryCreate(fields.Url, UriKind.Absolute, out var url) ? url : throw Wrong("without a URL"),
            Events = fields.Events,
            Filters = Filters(fields.Filters),
            Auth = fields.Auth,
            ContentType = fields.ContentType ?? WebhookContentType.CloudEvents,
            Headers = fields.Headers is { } headers ? WebhookHeaders.None.AddRange(JsonSerializer.Deserialize(headers, Context.DictionaryStringString) ?? []) : WebhookHeaders.None,
            Retry = fields.Retry is { } retry ? new WebhookRetry(retry) : WebhookRetry.Default,
            MaxPerSecond = fields.MaxPerSecond,
            MaxConcurrent = fields.MaxConcurrent,
            Timeout = TimeSpan.TryParseExact(fields.Timeout, "c", CultureInfo.InvariantCulture, out var timeout) ? timeout : throw Wrong("without a timeout"),
            Secrets = new WebhookSecrets(
                Secret(fields.Secret) ?? throw Wrong("without a secret"), Secret(fields.PreviousSecret), Time(fields.PreviousUntil)),
            RegisteredAt = Time(fields.RegisteredAt) ?? default,
            ActiveSince = Time(fields.ActiveSince) ?? default,
            DisabledReason = fields.DisabledReason,
            DisabledAt = Time(fields.DisabledAt),
        };
        return new RegisteredWebhook(webhook, fields.Stamp ?? throw Wrong("without a stamp"));
    }

    private static WebhookDocument Fields(Webhook webhook) => new()
    {
        Status = Status,
        Url = webhook.Url.OriginalString,
        Events = webhook.Events,
        Filters = webhook.Filters.Filters.Length == 0 ? null : Text(webhook.Filters),
        Auth = webhook.Auth,
        ContentType = webhook.ContentType == WebhookContentType.CloudEvents ? null : webhook.ContentType,
        Headers = webhook.Headers.IsEmpty ? null : JsonSerializer.Serialize(new Dictionary<string, string>(webhook.Headers), Context.DictionaryStringString),
        Retry = webhook.Retry == WebhookRetry.Default ? null : webhook.Retry.Text,
        MaxPerSecond = webhook.MaxPerSecond,
        MaxConcurrent = webhook.MaxConcurrent,
        Timeout = webhook.Timeout.ToString("c", CultureInfo.InvariantCulture),
        Secret = webhook.Secrets.Current.Text,
        PreviousSecret = webhook.Secrets.Previous?.Text,
        PreviousUntil = Text(webhook.Secrets.PreviousUntil),
        RegisteredAt = Text(webhook.RegisteredAt),
        ActiveSince = Text(webhook.ActiveSince),
        DisabledReason = webhook.DisabledReason,
        DisabledAt = Text(webhook.DisabledAt),
    };

    private static string Text(AdvancedFilters filters)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            FilterJson.Write(writer, filters);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static AdvancedFilters Filters(string? text)
    {
        if (text is null)
        {
            return AdvancedFilters.None;
        }

        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(JsonElement.Parse(text), onArrays: true, "", errors);
        return errors.Count == 0 ? filters : throw Wrong($"with an invalid filter: {errors[0].Detail}");
    }

    private static WebhookSecret? Secret(string? text) =>
        text is null ? null : WebhookSecret.TryParse(text, out var secret) ? secret : throw Wrong("with an invalid secret");

    private static DateTimeOffset? Time(string? text) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw Wrong("with an invalid time");

    private static string? Text(DateTimeOffset? time) => time is { } at ? UtcMilliseconds.Text(at) : null;

    private static JsonException Wrong(string how) => new($"A webhook's document is {how}.");
}

/// <summary>The fields of a webhook's document.</summary>
internal sealed record WebhookDocument
{
    public string? Status { get; init; }

    public string? Stamp { get; init; }

    public string? Url { get; init; }

    public WebhookEvents Events { get; init; }

    public string? Filters { get; init; }

    public WebhookAuth? Auth { get; init; }

    public string? ContentType { get; init; }

    // As text, by which two documents compare.
    public string? Headers { get; init; }

    public string? Retry { get; init; }

    public int MaxPerSecond { get; init; }

    public int MaxConcurrent { get; init; }

    public string? Timeout { get; init; }

    public string? Secret { get; init; }

    public string? PreviousSecret { get; init; }

    public string? PreviousUntil { get; init; }

    public string? RegisteredAt { get; init; }

    public string? ActiveSince { get; init; }

    public string? DisabledReason { get; init; }

    public string? DisabledAt { get; init; }
}

/// <summary>The contract of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(WebhookDocument))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class WebhookContext : JsonSerializerContext;
