namespace EventFunctions.Http;

/// <summary>
/// Marks a request whose host has let its sender in as an administrator. The embedded host puts it among the request's features;
/// in Azure, there is none.
/// </summary>
/// <param name="Who">Who the administrator is, for records.</param>
internal sealed record SignedInAdministrator(string Who);
