using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Filters;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using EventFunctions.Settings;

namespace EventFunctions.Webhooks;

/// <summary>Turns what an administrator sends into the definition of a webhook, or says everything that is wrong with it at once.</summary>
/// <param name="addresses">Knows where webhooks may lead.</param>
/// <param name="schemas">What every definition is read with.</param>
public sealed class WebhookReader(IWebhookAddresses addresses, ISchemaCompiler schemas)
{
    /// <summary>The most bytes a definition may have.</summary>
    public const int MaxBytes = 65_536;

    private const int MaxUrlLength = 2_048;

    private static readonly string UrlMeaning = $"Must be an absolute https URL of at most {MaxUrlLength} characters, such as \"https://crm.example.com/events\".";

    // What the service itself says of a webhook: what was read may be changed and sent back as it is.
    private static readonly string[] ReadOnly = ["disabledReason", "disabledAt", "previousSecretUntil"];

    /// <summary>Whether a text is a webhook's name.</summary>
    /// <param name="text">Anything.</param>
    public static bool IsName(string text) => ProducerReader.IsName(text);

    /// <summary>Reads a definition.</summary>
    /// <param name="utf8">Anything.</param>
    /// <param name="name">The name that the webhook has to have, and need not repeat.</param>
    /// <param name="errors">Everything that is wrong; empty where nothing is.</param>
    /// <param name="hasSecret">Whether the setting of a secret is set; null if all are.</param>
    /// <returns>The definition; null where there are errors.</returns>
    public WebhookDefinition? Read(ReadOnlySpan<byte> utf8, string name, out IReadOnlyList<EventError> errors, Func<string, bool>? hasSecret = null)
    {
        var context = new DefinitionContext(schemas, isSettings: false);
        WebhookDefinition? definition = null;
        if (utf8.Length > MaxBytes)
        {
            context.Errors.Add(DefinitionPointer.Whole, $"A definition may have at most {MaxBytes} bytes.");
        }
        else if (ProducerReader.ParseStrict(utf8, context.Errors) is { } json && DefinitionObject.Open(json, DefinitionPointer.Whole, context) is { } fields)
        {
            definition = Read(fields, name, context, hasSecret);
        }

        errors = context.Errors.ToList();
        return errors.Count == 0 ? definition : null;
    }

    /// <summary>Reads what a rotation may say: <c>{ "overlap": "24:00:00", "secret": "whsec_…" }</c>, a part of it, or nothing.</summary>
    /// <param name="utf8">Anything; nothing asks for <see cref="WebhookRegistry.DefaultOverlap"/>.</param>
    /// <param name="errors">Everything that is wrong; empty where nothing is.</param>
    /// <returns>Null where there are errors.</returns>
    public WebhookRotation? ReadRotation(ReadOnlySpan<byte> utf8, out IReadOnlyList<EventError> errors)
    {
        var context = new DefinitionContext(schemas, isSettings: false);
        TimeSpan? overlap = WebhookRegistry.DefaultOverlap;
        WebhookSecret? secret = null;
        if (utf8.Length > 0 && ProducerReader.ParseStrict(utf8, context.Errors) is { } json
            && DefinitionObject.Open(json, DefinitionPointer.Whole, context) is { } fields)
        {
            fields.Text("overlap", text => (overlap = OverlapText.Parse(text, WebhookRegistry.MaxOverlap)) is not null
                ? null
                : $"Must be a duration (hh:mm:ss) of at most {WebhookRegistry.MaxOverlap.TotalHours} hours; 00:00:00 ends the old secret at once.");
            secret = ReadSecret(fields);
            fields.Close();
        }

        errors = context.Errors.ToList();
        return errors.Count == 0 && overlap is { } length ? new WebhookRotation(length, secret) : null;
    }

    private WebhookDefinition? Read(DefinitionObject fields, string name, DefinitionContext context, Func<string, bool>? hasSecret)
    {
        fields.Text("name", text => text == name ? null : $"Must be \"{name}\", the webhook in the URL.");
        Uri? url = null;
        fields.Text("url", text => CheckUrl(text, out url), UrlMeaning);
        var events = fields.Choice("events", ("enriched", WebhookEvents.Enriched), ("thin", WebhookEvents.Thin), ("both", WebhookEvents.Both));
        var filters = ReadFilters(fields, context);
        var auth = fields.Object("auth") is { } read ? new WebhookAuthReader(read, text => (CheckUrl(text, out var tokenUrl), tokenUrl)).Read(url) : null;
        if (auth is not null && hasSecret?.Invoke(auth.Secret) == false)
        {
            context.Errors.Add("#/auth/secret", $"The setting WebhookSecrets:{auth.Secret} is not set. Set it first.");
        }

        var enabled = fields.Flag("enabled");
        var maxPerSecond = fields.Number("maxPerSecond", 1, Webhook.MaxPerSecondLimit);
        var maxConcurrent = fields.Number("maxConcurrent", 1, Webhook.MaxConcurrentLimit);
        var timeout = fields.Duration("timeout", Webhook.MinTimeout, Webhook.MaxTimeout);
        var contentType = fields.Choice("contentType", (WebhookContentType.CloudEvents, false), (WebhookContentType.Json, true));
        var headers = fields.Object("headers") is { } own ? WebhookHeaders.Read(own) : WebhookHeaders.None;
        var retry = ReadRetry(fields, context);
        var secret = ReadSecret(fields);
        foreach (var told in ReadOnly)
        {
            fields.TryTake(told, out _);
        }

        fields.Close();
        return url is null ? null : new WebhookDefinition(name, url)
        {
            Events = events ?? WebhookEvents.Enriched,
            Filters = filters,
            Auth = auth,
            Enabled = enabled,
            MaxPerSecond = maxPerSecond,
            MaxConcurrent = maxConcurrent,
            Timeout = timeout,
            ContentType = contentType == true ? WebhookContentType.Json : WebhookContentType.CloudEvents,
            Headers = headers,
            Retry = retry,
            Secret = secret,
        };
    }

    private static WebhookSecret? ReadSecret(DefinitionObject fields)
    {
        WebhookSecret? secret = null;
        fields.Text("secret", text => WebhookSecret.TryParse(text, out secret) ? null : "Must be \"whsec_\" and 24 to 64 random bytes in base64. Leave it out to get one from the service.");
        return secret;
    }

    private static WebhookRetry ReadRetry(DefinitionObject fields, DefinitionContext context)
    {
        if (!fields.TryTake("retry", out var json))
        {
            return WebhookRetry.Default;
        }

        if (json.ValueKind == JsonValueKind.String && WebhookRetry.PresetNames.Contains(json.GetString()))
        {
            return new WebhookRetry(json.GetString()!);
        }

        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > WebhookRetry.MaxDelays)
        {
            fields.Error(
                "retry", $"Must be {string.Join(" or ", WebhookRetry.PresetNames.Select(name => $"\"{name}\""))}, or an array of at most {WebhookRetry.MaxDelays} delays.");
            return WebhookRetry.Default;
        }

        List<TimeSpan> delays = [];
        foreach (var (index, item) in json.EnumerateArray().Index())
        {
            var text = item.ValueKind == JsonValueKind.String ? item.GetString() : null;
            if (DurationText.Parse(text) is { } delay && delay >= WebhookRetry.MinDelay && delay <= WebhookRetry.MaxTotal)
            {
                delays.Add(delay);
            }
            else
            {
                context.Errors.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{DefinitionPointer.Member(fields.Pointer, "retry")}/{index}"),
                    $"Must be a delay (hh:mm:ss, or d.hh:mm:ss) from {WebhookRetry.MinDelay:c} to {WebhookRetry.MaxTotal:c}.");
            }
        }

        if (delays.Sum(delay => delay.TotalSeconds) > WebhookRetry.MaxTotal.TotalSeconds)
        {
            fields.Error("retry", $"All delays together must be at most {WebhookRetry.MaxTotal.TotalDays} days.");
        }

        return WebhookRetry.Of(delays);
    }

    private string? CheckUrl(string text, out Uri? url)
    {
        url = null;
        text = InternationalUrl.ToAscii(text, out var wrong);
        if (wrong is not null)
        {
            return wrong;
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            return "A webhook's URL must not have a fragment: it would not be sent.";
        }

        // An escape in a host's name may be read in more than one way.
        if (text.Length > MaxUrlLength || !UriSyntax.IsAbsolute(text) || !Uri.TryCreate(text, UriKind.Absolute, out var parsed)
            || parsed.Scheme is not ("http" or "https")
            || text.Split('/', '?') is not [_, "", { Length: > 0 } authority, ..] || authority.Contains('%', StringComparison.Ordinal))
        {
            return UrlMeaning;
        }

        if (authority.Contains('@', StringComparison.Ordinal))
        {
            return "A webhook's URL must not contain a user name or password. Use auth.";
        }

        if (parsed.Port == 0)
        {
            return "A webhook's URL must not have port 0: no endpoint listens there.";
        }

        url = parsed;
        return addresses.Refusal(parsed);
    }

    // As for producers' rules: a filter looks into arrays.
    private static AdvancedFilters ReadFilters(DefinitionObject fields, DefinitionContext context)
    {
        if (!fields.TryTake("filters", out var json))
        {
            return AdvancedFilters.None;
        }

        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(json, onArrays: true, "", errors);
        foreach (var error in errors)
        {
            context.Errors.Add(DefinitionPointer.Below(DefinitionPointer.Member(fields.Pointer, "filters"), error.Pointer), error.Detail);
        }

        return filters;
    }
}
