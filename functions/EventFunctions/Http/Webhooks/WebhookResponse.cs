using EventFunctions.Records;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What webhooks look like over HTTP.</summary>
internal static class WebhookResponse
{
    /// <summary>A webhook.</summary>
    /// <param name="registered">The webhook.</param>
    /// <param name="now">The time.</param>
    /// <param name="secret">A secret that was made just now; null where none was.</param>
    /// <param name="status">The HTTP status.</param>
    public static JsonResponse Of(RegisteredWebhook registered, DateTimeOffset now, WebhookSecret? secret = null, int status = StatusCodes.Status200OK) =>
        new(status, writer => WebhookJson.Write(writer, registered.Webhook, now, secret))
        {
            ETag = registered.ETag,
            Location = status == StatusCodes.Status201Created ? $"/api/webhooks/{registered.Webhook.Name}" : null,
        };

    /// <summary>The outcome of a change.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="now">The time.</param>
    public static IResult Of(WebhookOutcome outcome, DateTimeOffset now) => outcome.Verdict switch
    {
        WebhookVerdict.Created => Of(outcome.Webhook!, now, outcome.NewSecret, StatusCodes.Status201Created),
        WebhookVerdict.Changed or WebhookVerdict.Unchanged => Of(outcome.Webhook!, now, outcome.NewSecret),
        WebhookVerdict.Deleted => Results.NoContent(),
        WebhookVerdict.NotFound => NotFound(),
        WebhookVerdict.PreconditionFailed when outcome.Webhook is null => new Problem(
            StatusCodes.Status412PreconditionFailed, "The webhook does not exist. To create it, send no If-Match."),
        WebhookVerdict.PreconditionFailed => new Problem(
            StatusCodes.Status412PreconditionFailed, "The webhook was changed since you read it. Read it again, and send its new ETag in If-Match.")
        { Headers = Tag(outcome) },
        WebhookVerdict.AlreadyExists => new Problem(
            StatusCodes.Status412PreconditionFailed, "The webhook exists already. To change it, send its ETag in If-Match.")
        { Headers = Tag(outcome) },
        WebhookVerdict.PreconditionRequired => new Problem(
            StatusCodes.Status428PreconditionRequired, "The webhook exists. Send its ETag in If-Match, or * for any version.")
        { Headers = Tag(outcome) },
        _ => new Problem(
            StatusCodes.Status409Conflict,
            $"The previous secret is valid until {UtcMilliseconds.Text(outcome.Webhook!.Webhook.Secrets.PreviousUntil!.Value)}. End it first."),
    };

    /// <summary>The result of a change, for the log of administration.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="now">The time.</param>
    public static ChangeResult ResultOf(WebhookOutcome outcome, DateTimeOffset now) =>
        new(Of(outcome, now)) { ETagBefore = outcome.ETagBefore, ETagAfter = outcome.Webhook?.ETag };

    /// <summary>Returns the response for an unknown webhook.</summary>
    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is no webhook with this name.");

    /// <summary>A page of webhooks.</summary>
    /// <param name="webhooks">All webhooks, in the order of their names.</param>
    /// <param name="page">Which page.</param>
    /// <param name="now">The time.</param>
    public static IResult Of(IReadOnlyList<Webhook> webhooks, PageParameters page, DateTimeOffset now)
    {
        var after = page.Continuation;
        var items = webhooks.Where(webhook => after is null || string.CompareOrdinal(webhook.Name, after) > 0).Take(page.Limit + 1).ToList();
        return page.Respond(
            [.. items.Take(page.Limit)],
            items.Count > page.Limit ? items[page.Limit - 1].Name : null,
            (writer, webhook) => WebhookJson.Write(writer, webhook, now));
    }

    /// <summary>How a webhook's endpoint does.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="state">What is known of its endpoint, or of another that it had before.</param>
    /// <param name="options">The settings.</param>
    /// <param name="now">The time.</param>
    public static JsonResponse Of(Webhook webhook, EndpointState state, DeliveryOptions options, DateTimeOffset now) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        if (state.FailingSince is { } since && state.IsOf(webhook))
        {
            writer.WriteString("failingSince"u8, UtcMilliseconds.Text(since));
            writer.WriteNumber("noticedPercent"u8, state.ShownPercent);
            writer.WriteString("disablesAt"u8, UtcMilliseconds.Text(since + options.DisableAfter));
        }

        if (state.BreakUntil > now && state.IsOf(webhook))
        {
            writer.WriteString("leftAloneUntil"u8, UtcMilliseconds.Text(state.BreakUntil.Value));
        }

        writer.WriteEndObject();
    });

    /// <summary>What a test event met.</summary>
    /// <param name="test">The message's ID, and what the endpoint responded.</param>
    public static JsonResponse Of((string Id, EndpointResponse Response) test) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("webhookId"u8, test.Id);
        writer.WriteBoolean("delivered"u8, test.Response.IsDelivered);
        if (test.Response.Status is { } status)
        {
            writer.WriteNumber("status"u8, status);
        }

        if (test.Response.Fault is { } fault)
        {
            writer.WriteString("fault"u8, fault);
        }

        writer.WriteNumber("durationMs"u8, (long)test.Response.Duration.TotalMilliseconds);
        if (test.Response.Head is { } head)
        {
            writer.WriteString("head"u8, head);
        }

        writer.WriteEndObject();
    });

    private static KeyValuePair<string, string>[] Tag(WebhookOutcome outcome) =>
        outcome.Webhook is { } webhook ? [new("ETag", webhook.ETag)] : [];
}
