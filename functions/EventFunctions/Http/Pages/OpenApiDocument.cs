using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Http;

/// <summary>The contract of all HTTP calls: OpenAPI 3.1, from <c>docs/openapi.yaml</c>. It is public, as every client needs it before anything else.</summary>
public sealed class OpenApiDocument
{
    private const string Name = "openapi.yaml";

    private readonly Lazy<IResult> _yaml = new(() => Respond(Read(), "application/yaml"));
    private readonly Lazy<IResult> _json = new(() => Respond(YamlJson.Convert(Read()), "application/json"));

    /// <summary>The document as it was written.</summary>
    internal IResult Yaml => _yaml.Value;

    /// <summary>The same as JSON, for what reads no YAML, such as browsers.</summary>
    internal IResult Json => _json.Value;

    private static PublicFile Respond(byte[] content, string contentType) =>
        new(Results.Bytes(content, contentType, entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"")));

    private static byte[] Read()
    {
        using var resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Name)!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }

    // Asked for again each time, and answered 304: it holds no data, and may be stored.
    private sealed class PublicFile(IResult file) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-cache";
            return file.ExecuteAsync(httpContext);
        }
    }
}
