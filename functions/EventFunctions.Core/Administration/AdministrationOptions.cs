using Microsoft.Extensions.Options;

namespace EventFunctions.Administration;

/// <summary>Defines who may administer the service. If neither property is set, administration is off.</summary>
public sealed record AdministrationOptions
{
    /// <summary>The fewest characters of a <see cref="Key"/>.</summary>
    public const int MinKeyLength = 32;

    /// <summary>The Entra ID object IDs (users, applications, managed identities) of the administrators.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>The secret that an administrator may show instead, in the header <c>x-admin-key</c>.</summary>
    public string? Key { get; init; }

    /// <summary>How long an entry of the log of administration is kept; a day at least.</summary>
    public TimeSpan LogTimeToLive { get; init; } = TimeSpan.FromDays(365);
}

/// <summary>Rejects invalid object IDs, and keys that could be guessed.</summary>
public sealed class AdministrationOptionsValidator : IValidateOptions<AdministrationOptions>
{
    private static readonly TimeSpan MaxLogTimeToLive = TimeSpan.FromDays(3_650);

    private const string Example = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AdministrationOptions options)
    {
        var failures = options.Administrators.Index()
            .Where(administrator => !Guid.TryParseExact(administrator.Item, "D", out _))
            .Select(wrong => $"Administration:Administrators:{wrong.Index} is \"{wrong.Item}\", which is not an Entra ID object ID; example: {Example}.")
            .ToList();
        if (options.Key is { Length: > 0 and < AdministrationOptions.MinKeyLength })
        {
            failures.Add(
                $"Administration:Key has fewer than {AdministrationOptions.MinKeyLength} characters; "
                + $"\"openssl rand -base64 {AdministrationOptions.MinKeyLength}\" creates one.");
        }

        if (options.LogTimeToLive < TimeSpan.FromDays(1) || options.LogTimeToLive > MaxLogTimeToLive)
        {
            failures.Add($"Administration:LogTimeToLive is {options.LogTimeToLive}; it must be from 1 to {MaxLogTimeToLive.Days} days. Example: 365.00:00:00.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
