using EventFunctions.Producers.Keys;
using EventFunctions.Producers.Registry;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Administration;

/// <summary>Makes, rotates and revokes the keys of producers, those of the settings included.</summary>
/// <param name="documents">Where the keys are.</param>
/// <param name="settings">The producers of the settings.</param>
/// <param name="producers">The stored producers.</param>
/// <param name="registry">Is told of changes.</param>
/// <param name="time">The clock.</param>
public sealed class ProducerKeyAdministration(
    IDocumentStore documents, FixedProducers settings, ProducerAdministration producers, StoredProducerRegistry registry, TimeProvider time)
{
    /// <summary>The most active keys of a producer.</summary>
    public const int MaxActive = 20;

    /// <summary>The most ended keys of a producer that are still listed.</summary>
    public const int MaxEnded = 20;

    /// <summary>For how long a rotated key is still valid, unless the rotation says otherwise.</summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromHours(24);

    /// <summary>The longest overlap that may be asked for.</summary>
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    /// <summary>Reads the keys of a producer as the store has them now.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is no such producer.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<ProducerKeys?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await SinceAsync(name, producers.ReadAsync, cancellationToken) is { } since
            ? Current(name, since, await documents.ReadAsync(DocumentContainer.Producers, name, RegistryJson.KeysKind, cancellationToken))
            : null;

    /// <summary>Makes a key. From the first one on, the producer's events need one.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="request">What the key is for, and when it ends.</param>
    /// <param name="by">The administrator.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<ProducerKeyOutcome> CreateAsync(string name, ProducerKeyRequest request, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (key, text) = New(name, request.Label, request.ExpiresAt, by);
        return ChangeAsync(
            name,
            keys => keys.Find(key.Id) is not null ? (new(ProducerKeyVerdict.Created) { Key = key, Text = text }, null) : Add(keys, key, text),
            cancellationToken);
    }

    /// <summary>
    /// Makes a key in the place of another, which stays valid for a while. The new key has the label of the other, and ends as
    /// long after its making.
    /// </summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="id">The ID of the key to replace.</param>
    /// <param name="overlap">For how long that key is still valid; zero ends it at once.</param>
    /// <param name="by">The administrator.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<ProducerKeyOutcome> RotateAsync(string name, string id, TimeSpan overlap, string by, CancellationToken cancellationToken)
    {
        var (made, text) = New(name, null, null, by);
        return ChangeAsync(name, Decide, cancellationToken);

        (ProducerKeyOutcome, ProducerKeys?) Decide(ProducerKeys keys)
        {
            if (keys.Find(id) is not { } old)
            {
                return (new(ProducerKeyVerdict.NoKey), null);
            }

            if (keys.Find(made.Id) is { } mine)
            {
                return (new(ProducerKeyVerdict.Created) { Key = mine, Text = text }, null);
            }

            var now = made.CreatedAt;
            if (old.ReplacedBy is not null || !old.IsActive(now))
            {
                return (new(old.ReplacedBy is null ? ProducerKeyVerdict.Ended : ProducerKeyVerdict.Replaced) { Key = old }, null);
            }

            var key = made with { Label = old.Label, ExpiresAt = now + (old.ExpiresAt - old.CreatedAt) };
            var until = now + overlap;
            var ending = old with { ReplacedBy = key.Id, ExpiresAt = old.ExpiresAt < until ? old.ExpiresAt : until };
            return Add(keys with { All = keys.All.Replace(old, ending) }, key, text);
        }
    }

    /// <summary>Revokes a key. The producer's events still need one, even if this was the last.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="id">The key's ID.</param>
    /// <param name="by">The administrator.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public Task<ProducerKeyOutcome> RevokeAsync(string name, string id, string by, CancellationToken cancellationToken) =>
        ChangeAsync(
            name,
            keys => keys.Find(id) is not { } key ? (new(ProducerKeyVerdict.NoKey), null)
                : key.RevokedAt is not null ? (new(ProducerKeyVerdict.Unchanged), null)
                : (new(ProducerKeyVerdict.Revoked), keys with { All = keys.All.Replace(key, key with { RevokedAt = Now(), RevokedBy = by }) }),
            cancellationToken);

    /// <summary>Removes all keys of a producer. Its events need none from then on.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<ProducerKeyOutcome> RemoveAllAsync(string name, CancellationToken cancellationToken)
    {
        if (await SinceAsync(name, producers.ReadAsync, cancellationToken) is null)
        {
            return new(ProducerKeyVerdict.NoProducer);
        }

        var removed = await documents.DeleteAsync(DocumentContainer.Producers, name, RegistryJson.KeysKind, etag: null, cancellationToken);
        await registry.AnnounceAsync();
        return new(removed ? ProducerKeyVerdict.Removed : ProducerKeyVerdict.Unchanged);
    }

    private (ProducerKey Key, string Text) New(string name, string? label, DateTimeOffset? expiresAt, string by)
    {
        ArgumentException.ThrowIfNullOrEmpty(by);
        var id = ProducerKeyText.CreateId();
        var text = ProducerKeyText.Create(name, id);
        return (new ProducerKey { Id = id, Hash = ProducerKeyText.Hash(text), Label = label, CreatedAt = Now(), CreatedBy = by, ExpiresAt = expiresAt }, text);
    }

    // Those that ended last stay, so that a producer whose keys all ended still needs one.
    private static (ProducerKeyOutcome, ProducerKeys?) Add(ProducerKeys keys, ProducerKey key, string text)
    {
        var active = keys.All.Where(one => one.IsActive(key.CreatedAt)).ToList();
        if (active.Count >= MaxActive)
        {
            return (new(ProducerKeyVerdict.TooMany), null);
        }

        var ended = keys.All.Except(active).OrderByDescending(one => one.EndsAt).Take(MaxEnded);
        return (new(ProducerKeyVerdict.Created) { Key = key, Text = text },
            keys with { All = [.. ended.Concat(active).OrderBy(one => one.CreatedAt), key] });
    }

    private Task<ProducerKeyOutcome> ChangeAsync(
        string name, Func<ProducerKeys, (ProducerKeyOutcome Outcome, ProducerKeys? Next)> decide, CancellationToken cancellationToken) =>
        registry.ChangeAsync<ProducerKeyOutcome>(name, RegistryJson.KeysKind, async found =>
        {
            // A late replica may still have an earlier producer of this name. A key made for that one would open nothing.
            if (await SinceAsync(name, producers.ConfirmAsync, cancellationToken) is not { } since)
            {
                return new(new(ProducerKeyVerdict.NoProducer));
            }

            var (outcome, next) = decide(Current(name, since, found));
            return new(outcome, next is null ? null : RegistryJson.Write(next));
        }, cancellationToken);

    // Keys of an earlier producer of this name do not count, and are written over.
    private static ProducerKeys Current(string name, int since, StoredDocument? found) =>
        found is not null && RegistryJson.ReadKeys(found) is var keys && keys.Since == since ? keys : new ProducerKeys(name, since, []);

    private async Task<int?> SinceAsync(string name, Func<string, CancellationToken, Task<RegisteredProducer?>> read, CancellationToken cancellationToken) =>
        settings.FindByName(name) is not null ? 0 : (await read(name, cancellationToken))?.Since;

    private DateTimeOffset Now() => UtcMilliseconds.Cut(time.GetUtcNow());
}
