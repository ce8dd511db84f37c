using System.Globalization;
using System.Text.Json;
using EventFunctions.Filters;
using EventFunctions.Records;

namespace EventFunctions.Webhooks;

/// <summary>Writes a webhook as administrators see it: without its secrets, and such that it can be sent back.</summary>
public static class WebhookJson
{
    /// <summary>Writes a webhook as one JSON object.</summary>
    /// <param name="writer">Gets the object.</param>
    /// <param name="webhook">The webhook.</param>
    /// <param name="now">The time, by which the secret before the current one may be over.</param>
    /// <param name="secret">A secret that was made just now; null where none was.</param>
    public static void Write(Utf8JsonWriter writer, Webhook webhook, DateTimeOffset now, WebhookSecret? secret = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(webhook);
        writer.WriteStartObject();
        writer.WriteString("name"u8, webhook.Name);
        writer.WriteString("url"u8, webhook.Url.OriginalString);
        writer.WriteString("events"u8, JsonNamingPolicy.CamelCase.ConvertName(webhook.Events.ToString()));
        if (webhook.Filters.Filters.Length > 0)
        {
            writer.WritePropertyName("filters"u8);
            FilterJson.Write(writer, webhook.Filters);
        }

        if (webhook.Auth is { } auth)
        {
            WriteAuth(writer, auth);
        }

        writer.WriteString("contentType"u8, webhook.ContentType);
        if (!webhook.Headers.IsEmpty)
        {
            writer.WriteStartObject("headers"u8);
            foreach (var (name, value) in webhook.Headers)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        WriteRetry(writer, webhook.Retry);
        writer.WriteBoolean("enabled"u8, webhook.Enabled);
        writer.WriteNumber("maxPerSecond"u8, webhook.MaxPerSecond);
        writer.WriteNumber("maxConcurrent"u8, webhook.MaxConcurrent);
        writer.WriteString("timeout"u8, webhook.Timeout.ToString("c", CultureInfo.InvariantCulture));
        if (webhook.DisabledReason is { } reason)
        {
            writer.WriteString("disabledReason"u8, reason);
        }

        WriteTime(writer, "disabledAt", webhook.DisabledAt);
        WriteTime(writer, "previousSecretUntil", webhook.Secrets.IsPreviousValid(now) ? webhook.Secrets.PreviousUntil : null);
        if (secret is not null)
        {
            writer.WriteString("secret"u8, secret.Text);
        }

        writer.WriteEndObject();
    }

    private static void WriteRetry(Utf8JsonWriter writer, WebhookRetry retry)
    {
        if (retry.IsPreset)
        {
            writer.WriteString("retry"u8, retry.Text);
            return;
        }

        writer.WriteStartArray("retry"u8);
        foreach (var delay in retry.Delays)
        {
            writer.WriteStringValue(delay.ToString("c", CultureInfo.InvariantCulture));
        }

        writer.WriteEndArray();
    }

    private static void WriteAuth(Utf8JsonWriter writer, WebhookAuth auth)
    {
        writer.WriteStartObject("auth"u8);
        writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(auth.Kind.ToString()));
        writer.WriteString("secret"u8, auth.Secret);
        WriteText(writer, "user", auth.User);
        WriteText(writer, "tokenUrl", auth.TokenUrl?.OriginalString);
        WriteText(writer, "clientId", auth.ClientId);
        WriteText(writer, "scope", auth.Scope);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            writer.WriteString(name, UtcMilliseconds.Text(at));
        }
    }
}
