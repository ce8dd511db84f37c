using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Http;

/// <summary>The files of the dashboard, and of the contract's page beside it, which are resources of this assembly and stay in memory.</summary>
public sealed class DashboardFiles
{
    /// <summary>The name of the dashboard's page.</summary>
    public const string Page = "index.html";

    /// <summary>The name of the page that shows the contract of the HTTP calls.</summary>
    public const string Reference = "reference.html";

    private const string Prefix = "dashboard/";

    private readonly FrozenDictionary<string, DashboardFile> _files;

    /// <summary>Reads the files.</summary>
    public DashboardFiles()
    {
        var assembly = typeof(DashboardFiles).Assembly;
        _files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name => Read(assembly.GetManifestResourceStream(name)!, name), StringComparer.Ordinal);
    }

    /// <summary>Returns a file by its name; null if there is none.</summary>
    /// <param name="name">The name, without a folder.</param>
    internal DashboardFile? Find(string name) => _files.GetValueOrDefault(name);

    private static DashboardFile Read(Stream resource, string name)
    {
        using (resource)
        {
            var content = new byte[resource.Length];
            resource.ReadExactly(content);
            return new DashboardFile(content, ContentType(name), new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\""));
        }
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The dashboard has no content type for {other} files."),
    };
}

/// <summary>One file.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">Changes with its bytes.</param>
internal sealed record DashboardFile(byte[] Content, string ContentType, EntityTagHeaderValue ETag);
