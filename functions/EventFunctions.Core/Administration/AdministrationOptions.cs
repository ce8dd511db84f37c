using EventFunctions.Settings;

namespace EventFunctions.Administration;

/// <summary>Defines who may administer the service. If neither property is set, administration is off.</summary>
public sealed record AdministrationOptions : ICheckedOptions
{
    private const string Example = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    private static readonly TimeSpan MaxLogTimeToLive = TimeSpan.FromDays(3_650);

    /// <summary>The fewest characters of a <see cref="Key"/>.</summary>
    public const int MinKeyLength = 32;

    /// <summary>The Entra ID object IDs (users, applications, managed identities) of the administrators.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>The secret that an administrator may show instead, in the header <c>x-admin-key</c>.</summary>
    public string? Key { get; init; }

    /// <summary>How long an entry of the log of administration is kept; a day at least.</summary>
    public TimeSpan LogTimeToLive { get; init; } = TimeSpan.FromDays(365);

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        foreach (var (index, administrator) in Administrators.Index().Where(one => !Guid.TryParseExact(one.Item, "D", out _)))
        {
            yield return $"Administration:Administrators:{index} is \"{administrator}\", which is not an Entra ID object ID; example: {Example}.";
        }

        if (Key is { Length: > 0 and < MinKeyLength })
        {
            yield return $"Administration:Key has fewer than {MinKeyLength} characters; \"openssl rand -base64 {MinKeyLength}\" creates one.";
        }

        if (LogTimeToLive < TimeSpan.FromDays(1) || LogTimeToLive > MaxLogTimeToLive)
        {
            yield return $"Administration:LogTimeToLive is {LogTimeToLive}; it must be from 1 to {MaxLogTimeToLive.Days} days. Example: 365.00:00:00.";
        }
    }
}
