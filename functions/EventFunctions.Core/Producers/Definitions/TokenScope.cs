using EventFunctions.CloudEvents;

namespace EventFunctions.Producers.Definitions;

/// <summary>Which tokens the service may fetch for calls to producers.</summary>
internal static class TokenScope
{
    /// <summary>What a scope is.</summary>
    public const string Meaning = "the scope of the producer's own application, such as \"api://policies/.default\"";

    private const string Default = "/.default";

    // Domains in which Microsoft's services have their audiences. An application that a tenant registers has "api://" or the tenant's own domain.
    private static readonly string[] Microsofts =
    [
        "appconfig.azure.com", "applicationinsights.io", "azconfig.io", "azure.cn", "azure.com", "azure.net", "azure.us", "azuredatabricks.net",
        "azuresynapse.net", "chinacloudapi.cn", "cloudapi.de", "dynamics.com", "live.com", "loganalytics.io", "microsoft.com", "microsoft.us",
        "microsoftazure.de", "microsoftonline.com", "office.com", "office.net", "office365.com", "outlook.com", "powerapps.com", "sharepoint.com",
        "usgovcloudapi.net", "visualstudio.com", "windows.net", "windowsazure.com", "windowsazure.us",
    ];

    /// <summary>Checks a scope.</summary>
    /// <returns>What is wrong with it; null for nothing.</returns>
    public static string? Check(string scope)
    {
        if (!scope.EndsWith(Default, StringComparison.Ordinal)
            || !UriSyntax.IsAbsolute(scope)
            || scope.AsSpan().ContainsAny('%', '?', '@')
            || !(scope.StartsWith("api://", StringComparison.OrdinalIgnoreCase) || scope.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            || !Uri.TryCreate(scope, UriKind.Absolute, out var url)
            || url.Host.Length == 0)
        {
            return $"This kind of auth needs {Meaning}: \"api://\" or \"https://\", and \"{Default}\" at its end.";
        }

        var host = url.Host.TrimEnd('.');
        return Array.Exists(Microsofts, domain => host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase))
            ? $"A token for {host} would open a service of Microsoft's. Name {Meaning}."
            : null;
    }
}
