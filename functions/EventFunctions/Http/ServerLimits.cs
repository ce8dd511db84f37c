using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventFunctions.Http;

/// <summary>
/// Sets what the server accepts of a request. Each limit is above that of the platform, because the platform adds headers to a
/// request and answers an empty <c>500</c> if the functions' server then refuses it.
/// </summary>
internal static class ServerLimits
{
    /// <summary>How many headers a request may have.</summary>
    public const int MaxHeaders = 200;

    /// <summary>How many bytes all headers may have.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>How many bytes the request line may have.</summary>
    public const int MaxRequestLineBytes = 16 * 1024;

    /// <summary>Sets the limits. Bodies are not limited here: each function limits its own, with a problem document.</summary>
    /// <param name="server">The server's options.</param>
    public static void Apply(KestrelServerOptions server)
    {
        ArgumentNullException.ThrowIfNull(server);
        server.Limits.MaxRequestBodySize = null;
        server.Limits.MaxRequestHeaderCount = MaxHeaders;
        server.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        server.Limits.MaxRequestLineSize = MaxRequestLineBytes;
    }
}
