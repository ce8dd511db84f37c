using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Knows who calls, where the platform says so.</summary>
public interface ICallerIdentity
{
    /// <summary>The Entra ID object that calls.</summary>
    /// <param name="request">The call.</param>
    /// <returns>Its object ID; null where nobody is signed in, or where the platform does not vouch for it.</returns>
    string? ObjectIdOf(HttpRequest request);
}
