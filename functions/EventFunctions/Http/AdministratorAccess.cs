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
public sealed class AdministratorAccess(IOptions<AdministrationOptions> options, PlatformPrincipal principals)
{
    private const string KeyHeader = "x-admin-key";

    private readonly byte[]? _key = options.Value.Key is { Length: > 0 } key ? Hash(key) : null;
    private readonly HashSet<string> _administrators = new(options.Value.Administrators, StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs a call for an administrator, and answers for it while the store cannot be reached.</summary>
    /// <param name="request">The request.</param>
    /// <param name="run">The call. It is told who the administrator is: <c>entra:</c> and the object ID, or <c>key</c>.</param>
    internal async Task<IResult> RunAsync(HttpRequest request, Func<string, Task<IResult>> run) =>
        WhoIs(request) is { } who ? await StoreProblem.OrUnavailableAsync(() => run(who)) : Refusal();

    private string? WhoIs(HttpRequest request) =>
        principals.ObjectIdOf(request) is { } id && _administrators.Contains(id) ? "entra:" + id
        : _key is not null && request.Headers.TryGetValue(KeyHeader, out var key) && CryptographicOperations.FixedTimeEquals(Hash(key.ToString()), _key) ? "key"
        : null;

    private Problem Refusal() => new(
        StatusCodes.Status403Forbidden,
        _key is null && _administrators.Count == 0
            ? "Nobody may administer this service: neither Administration:Key nor Administration:Administrators is set."
            : $"Only administrators may do this: send the administration key in {KeyHeader}, or the token of an Entra ID principal on the administrators' list.");

    // Hashed, so that comparing takes the same time whatever the keys' lengths.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
