using System.Collections.Immutable;
using System.Globalization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Producers;

/// <summary>Finds what a definition needs of the settings and does not have: its events would fail one by one otherwise.</summary>
public sealed class ProducerRequirements(IDataAddresses addresses, IProducerSecrets secrets)
{
    /// <summary>Returns each missing setting, with what to do; empty if the producer can work.</summary>
    /// <param name="producer">The producer.</param>
    public IReadOnlyList<EventError> Missing(Producer producer)
    {
        ArgumentNullException.ThrowIfNull(producer);
        var missing = new List<EventError>();
        if (producer.Data is { } data)
        {
            if (addresses.Refusal(data.BaseUrl) is { } refusal)
            {
                missing.Add(new("#/data/baseUrl", refusal));
            }

            AddSecret(missing, "#/data/auth/secret", data.Auth.Secret);
        }

        if (producer.Verification is { } verification)
        {
            AddSecrets(missing, "#/verification/secrets", verification.Signature?.Secrets ?? verification.Token?.Secrets ?? []);
            AddSecrets(missing, "#/verification/challengeSecrets", verification.Challenge?.Secrets ?? []);
        }

        return missing;
    }

    private void AddSecrets(List<EventError> missing, string pointer, ImmutableArray<string> names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            AddSecret(missing, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{i}"), names[i]);
        }
    }

    private void AddSecret(List<EventError> missing, string pointer, string? name)
    {
        if (name is not null && secrets.Find(name) is null)
        {
            missing.Add(new(pointer, $"The setting ProducerSecrets:{name} is not set. Set it first."));
        }
    }
}
