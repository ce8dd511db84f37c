using System.Collections.Immutable;
using System.Globalization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Producers;

/// <summary>Finds what a definition needs of the settings and does not have: its events would fail one by one otherwise.</summary>
public sealed class ProducerRequirements(IDataAddresses addresses, IProducerSecrets secrets)
{
    private readonly MessageSecrets _messageSecrets = new(secrets);

    /// <summary>Returns each setting that is missing or cannot be used, with what to do; empty if the producer can work.</summary>
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

            if (data.Auth.Secret is { } name && secrets.Find(name) is null)
            {
                missing.Add(FaultOf("#/data/auth/secret", name, "is not set"));
            }
        }

        if (producer.Verification is { } verification)
        {
            var encoding = verification.Signature?.SecretEncoding ?? SecretEncoding.Text;
            AddSecrets(missing, "#/verification/secrets", verification.Signature?.Secrets ?? verification.Token?.Secrets ?? [], encoding);
            AddSecrets(missing, "#/verification/challengeSecrets", verification.Challenge?.Secrets ?? [], SecretEncoding.Text);
        }

        return missing;
    }

    private static EventError FaultOf(string pointer, string name, string fault) => new(pointer, $"The setting ProducerSecrets:{name} {fault}. Set it first.");

    private void AddSecrets(List<EventError> missing, string pointer, ImmutableArray<string> names, SecretEncoding encoding)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (_messageSecrets.Read(names[i], encoding, out var fault) is null)
            {
                missing.Add(FaultOf(string.Create(CultureInfo.InvariantCulture, $"{pointer}/{i}"), names[i], fault!));
            }
        }
    }
}
