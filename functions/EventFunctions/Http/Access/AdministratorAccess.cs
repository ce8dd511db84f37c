using System.Security.Cryptography;
using System.Text;
using EventFunctions.Administration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace EventFunctions.Http;

/// <summary>
/// Lets administrators in, who beside a function key are on the administrators' list or have the administration key.
/// </summary>
/// <param name="options">Who they are.</param>
/// <param name="principals">Who calls.</param>
/// <param name="log">Records what they change.</param>
/// <param name="refusals">Counts wrong keys.</param>
public sealed class AdministratorAccess(IOptions<AdministrationOptions> options, PlatformPrincipal principals, AdministrationLog log, KeyRefusals refusals)
{
    private const string KeyHeader = "x-admin-key";

    // Enough to tell keys apart, too little to help a search for them.
    private const int ShownBytes = 4;

    private readonly byte[]? _key = options.Value.Key is { Length: > 0 } key ? Hash(key) : null;
    private readonly string _keyName = options.Value.Key is { Length: > 0 } key ? "key:" + Convert.ToHexStringLower(Hash(key).AsSpan(0, ShownBytes)) : "key";
    private readonly HashSet<string> _administrators = new(options.Value.Administrators, StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs a call that changes nothing for an administrator, and answers for it while the store cannot be reached.</summary>
    /// <param name="request">The request.</param>
    /// <param name="run">The call. It is told who the administrator is: <c>entra:</c> and the object ID, or <c>key</c>.</param>
    internal async Task<IResult> RunAsync(HttpRequest request, Func<string, Task<IResult>> run) =>
        WhoIs(request) is { } who ? await StoreProblem.OrUnavailableAsync(() => run(who)) : Refusal(request);

    /// <summary>Runs a change for an administrator, and records it in the administration log.</summary>
    /// <param name="request">The request.</param>
    /// <param name="action">The operation's name.</param>
    /// <param name="run">The call. It checks the request, then makes the change by <see cref="AdministrativeChange.MakeAsync"/>.</param>
    /// <exception cref="InvalidOperationException">The call succeeded and made no change in that way.</exception>
    internal Task<IResult> ChangeAsync(HttpRequest request, string action, Func<AdministrativeChange, Task<IResult>> run) =>
        RunAsync(request, async who =>
        {
            var change = new AdministrativeChange(log, action, who, who == "key" ? _keyName : who);
            var response = await run(change);
            return response is Problem || change.IsRecorded
                ? response
                : throw new InvalidOperationException($"{action} does not record an entry in the administration log.");
        });

    /// <summary>Returns the administrator who calls; null if the caller is not one.</summary>
    /// <param name="request">The request.</param>
    internal string? WhoIs(HttpRequest request) =>
        request.HttpContext.Features.Get<SignedInAdministrator>() is { } signedIn ? signedIn.Who
        : principals.ObjectIdOf(request) is { } id && _administrators.Contains(id) ? "entra:" + id
        : _key is not null && request.Headers.TryGetValue(KeyHeader, out var key) && CryptographicOperations.FixedTimeEquals(Hash(key.ToString()), _key) ? "key"
        : null;

    private Problem Refusal(HttpRequest request) => refusals.Answer(request, "administration key", IsShown(request), new Problem(
        StatusCodes.Status403Forbidden,
        _key is null && _administrators.Count == 0
            ? "Administration is off. To turn it on, set Administration:Key or Administration:Administrators."
            : _key is not null && IsShown(request) ? $"The administration key in {KeyHeader} is wrong. It is the value of Administration:Key."
            : $"Only administrators may do this. Send the administration key in {KeyHeader}, or the token of an Entra ID principal on the list of administrators."));

    private static bool IsShown(HttpRequest request) => request.Headers[KeyHeader].ToString().Length > 0;

    // Hashed, so that comparing takes the same time whatever the keys' lengths.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
