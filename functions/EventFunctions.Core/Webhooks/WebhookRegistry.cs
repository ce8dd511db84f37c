using System.Collections.Immutable;
using EventFunctions.Definitions;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks;

/// <summary>
/// Customers' webhooks. Every instance keeps a snapshot, and sees changes of other instances within seconds and its own at once.
/// </summary>
public sealed class WebhookRegistry
{
    /// <summary>For how long both secrets are valid after a rotation, unless it says otherwise.</summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromHours(24);

    /// <summary>The longest overlap that may be asked for.</summary>
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    private const int StampBytes = 8;

    private readonly IDocumentStore _documents;
    private readonly TimeProvider _time;
    private readonly StoredRegistry<WebhookSnapshot> _snapshot;

    /// <summary>Makes a registry that has read nothing yet.</summary>
    /// <param name="documents">Where the webhooks are.</param>
    /// <param name="options">How soon changes are seen.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public WebhookRegistry(IDocumentStore documents, IOptions<RegistryOptions> options, TimeProvider time, ILogger<WebhookRegistry> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_documents, _time) = (documents, time);
        _snapshot = new StoredRegistry<WebhookSnapshot>(
            documents,
            DocumentContainer.Webhooks,
            (before, cancellationToken) => WebhookSnapshot.ReadAsync(documents, before, logger, cancellationToken),
            options.Value,
            time,
            logger);
    }

    /// <summary>
    /// Returns all webhooks in the order of their names, also disabled ones, at most some seconds old. An event that is dispatched by an older
    /// list would never reach a webhook registered since.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store has not answered for <see cref="RegistryOptions.ReloadEvery"/>.</exception>
    public async ValueTask<IReadOnlyCollection<Webhook>> AllAsync(CancellationToken cancellationToken) =>
        (await _snapshot.RecentAsync(cancellationToken)).All;

    /// <summary>All webhooks in the order of their names, as they are now: for those who look at them, not for each event.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async Task<ImmutableArray<Webhook>> ListAsync(CancellationToken cancellationToken) =>
        (await _snapshot.FreshAsync(cancellationToken)).All;

    /// <summary>The webhook of a name, as it was some seconds ago at most.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none, which the store has been asked about.</returns>
    /// <exception cref="StoreUnavailableException">It is not supported, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<Webhook?> FindAsync(string name, CancellationToken cancellationToken) =>
        _snapshot.FindAsync(snapshot => snapshot.Find(name), cancellationToken);

    /// <summary>
    /// Returns the webhook with a name. If it is disabled or unknown, the store is read, because its deliveries would be dropped.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async ValueTask<Webhook?> FindEnabledAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) is { Enabled: true } known ? known : (await ReadAsync(name, cancellationToken))?.Webhook;

    /// <summary>Reads a webhook as the store has it now.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<RegisteredWebhook?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await _documents.ReadAsync(DocumentContainer.Webhooks, name, WebhookDocuments.Id, cancellationToken) is { } document
            ? WebhookDocuments.Read(document)
            : null;

    /// <summary>
    /// Registers a webhook with its own secret, or changes one; another secret than the present one is a rotation. Sending the same definition again changes nothing, even if the precondition
    /// fails.
    /// </summary>
    /// <param name="definition">What it is to be.</param>
    /// <param name="precondition">What the client asks of the state before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> PutAsync(WebhookDefinition definition, Precondition precondition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(precondition);
        var secret = definition.Secret ?? WebhookSecret.Create();
        return ChangeAsync(definition.Name, current =>
        {
            var now = Now();
            var isOther = definition.Secret is { } own && current is not null && own.Text != current.Webhook.Secrets.Current.Text;
            if (isOther && current!.Webhook.Secrets.IsPreviousValid(now))
            {
                return (new(WebhookVerdict.StillRotating), null);
            }

            var secrets = current is null ? new WebhookSecrets(secret)
                : isOther ? new WebhookSecrets(secret, current.Webhook.Secrets.Current, now + DefaultOverlap)
                : current.Webhook.Secrets;
            var next = definition.Apply(current?.Webhook, secrets, now);
            var verdict = precondition.Check(current?.ETag);
            return current is not null && WebhookDocuments.AreEqual(current.Webhook, next) && verdict != PreconditionVerdict.Exists
                    ? (new(WebhookVerdict.Unchanged), null)
                : verdict != PreconditionVerdict.Holds ? (Refused(verdict), null)
                : current is null ? (new(WebhookVerdict.Created) { NewSecret = secret }, next)
                : (new(WebhookVerdict.Changed), next);
        }, cancellationToken);
    }

    /// <summary>Deletes a webhook. Nothing more is posted, neither new events nor retries.</summary>
    /// <param name="name">The name.</param>
    /// <param name="precondition">What the client asks of the state before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> DeleteAsync(string name, Precondition precondition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(precondition);
        RegisteredWebhook? met = null;
        return ChangeAsync(name, found =>
        {
            // One that has vanished may have been deleted here, and only the answer been lost.
            if (found is null && met is not null)
            {
                return new(new(WebhookVerdict.Deleted) { ETagBefore = met.ETag });
            }

            var current = found is null ? null : WebhookDocuments.Read(found);
            if (precondition.Check(current?.ETag) is var verdict and not PreconditionVerdict.Holds)
            {
                return Confirm(Refused(verdict), current);
            }

            met = current;
            return met is null ? new(new(WebhookVerdict.NotFound)) : new(new(WebhookVerdict.Deleted) { ETagBefore = met.ETag }, Deletes: true);
        }, cancellationToken);
    }

    /// <summary>Changes the secret. For a while the one before signs as well.</summary>
    /// <param name="name">The name.</param>
    /// <param name="rotation">The new secret, and for how long.</param>
    /// <param name="precondition">What the client asks of the state before; it need not ask anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> RotateAsync(string name, WebhookRotation rotation, Precondition precondition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rotation);
        var (overlap, own) = rotation;
        var secret = own ?? WebhookSecret.Create();
        return ChangeAsync(name, precondition, webhook =>
        {
            var now = Now();
            return webhook.Secrets.IsPreviousValid(now) ? (new(WebhookVerdict.StillRotating), null)
                : (new(WebhookVerdict.Changed) { NewSecret = secret }, webhook with
                {
                    Secrets = overlap > TimeSpan.Zero ? new WebhookSecrets(secret, webhook.Secrets.Current, now + overlap) : new WebhookSecrets(secret),
                });
        }, cancellationToken);
    }

    /// <summary>Ends the secret before the current one, before its time.</summary>
    /// <param name="name">The name.</param>
    /// <param name="precondition">What the client asks of the state before; it need not ask anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> EndPreviousSecretAsync(string name, Precondition precondition, CancellationToken cancellationToken) =>
        ChangeAsync(
            name,
            precondition,
            webhook => webhook.Secrets.Previous is null
                ? (new(WebhookVerdict.Unchanged), null)
                : (new(WebhookVerdict.Changed), webhook with { Secrets = new WebhookSecrets(webhook.Secrets.Current) }),
            cancellationToken);

    /// <summary>Posts nothing more. Of a webhook that is disabled already the first reason stays.</summary>
    /// <param name="name">The name.</param>
    /// <param name="reason">One of <see cref="WebhookDisabledReason"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="noticedAt">When the reason was noticed: one that was enabled since, or leads elsewhere, stays enabled. Null disables it whatever happened.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> DisableAsync(string name, string reason, CancellationToken cancellationToken, DateTimeOffset? noticedAt = null) =>
        ChangeAsync(
            name,
            Precondition.None,
            webhook => webhook.Enabled && !(webhook.ActiveSince > noticedAt)
                ? (new(WebhookVerdict.Changed), webhook with { DisabledReason = reason, DisabledAt = Now() })
                : (new(WebhookVerdict.Unchanged), null),
            cancellationToken);

    /// <summary>Enables a webhook that the service or an administrator disabled.</summary>
    /// <param name="name">The name.</param>
    /// <param name="precondition">What the client asks of the state before; it need not ask anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<WebhookOutcome> EnableAsync(string name, Precondition precondition, CancellationToken cancellationToken) =>
        ChangeAsync(
            name,
            precondition,
            webhook => webhook.Enabled
                ? (new(WebhookVerdict.Unchanged), null)
                : (new(WebhookVerdict.Changed), webhook.EnabledAt(Now())),
            cancellationToken);

    private Task<WebhookOutcome> ChangeAsync(
        string name, Precondition precondition, Func<Webhook, (WebhookOutcome Outcome, Webhook? Next)> decide, CancellationToken cancellationToken) =>
        ChangeAsync(
            name,
            current => current is null ? (new(WebhookVerdict.NotFound), null)
                : precondition.Check(current.ETag) is var verdict and (PreconditionVerdict.Failed or PreconditionVerdict.Exists) ? (Refused(verdict), null)
                : decide(current.Webhook),
            cancellationToken);

    private Task<WebhookOutcome> ChangeAsync(
        string name, Func<RegisteredWebhook?, (WebhookOutcome Outcome, Webhook? Next)> decide, CancellationToken cancellationToken)
    {
        var mine = new WebhookOutcome(WebhookVerdict.Unchanged);
        return ChangeAsync(name, found =>
        {
            var current = found is null ? null : WebhookDocuments.Read(found);

            // A write whose answer was lost on the way is sent again by the store's client, and then finds its own doing.
            if (mine.Webhook is { } written && current?.Stamp == written.Stamp)
            {
                return new(mine);
            }

            var (outcome, next) = decide(current);
            outcome = outcome with { ETagBefore = current?.ETag };
            if (next is null)
            {
                return Confirm(outcome, current);
            }

            var registered = new RegisteredWebhook(next, Convert.ToHexStringLower(RandomProvider.Current.GetBytes(StampBytes)));
            mine = outcome with { Webhook = registered };
            return new(mine, WebhookDocuments.Write(registered));
        }, cancellationToken);
    }

    private Task<WebhookOutcome> ChangeAsync(string name, Func<StoredDocument?, DocumentChange<WebhookOutcome>> decide, CancellationToken cancellationToken) =>
        _snapshot.ChangeAsync(name, WebhookDocuments.Id, found => Task.FromResult(decide(found)), cancellationToken);

    private static DocumentChange<WebhookOutcome> Confirm(WebhookOutcome outcome, RegisteredWebhook? current) =>
        new(outcome with { Webhook = current }, current is null ? null : WebhookDocuments.Write(current), Confirms: true);

    private DateTimeOffset Now() => UtcMilliseconds.Cut(_time.GetUtcNow());

    private static WebhookOutcome Refused(PreconditionVerdict verdict) =>
        new(verdict switch
        {
            PreconditionVerdict.Failed => WebhookVerdict.PreconditionFailed,
            PreconditionVerdict.Exists => WebhookVerdict.AlreadyExists,
            _ => WebhookVerdict.PreconditionRequired,
        });
}
