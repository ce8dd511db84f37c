using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace EventFunctions;

/// <summary>Shows the contract of all HTTP calls: OpenAPI 3.1, from <c>docs/openapi.yaml</c>.</summary>
public sealed class GetOpenApi
{
    private const string Name = "openapi.yaml";

    private static readonly byte[] Document = Read();
    private static readonly EntityTagHeaderValue Tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Document))}\"");

    /// <summary>Answers with the document; it is public, as every client needs it before anything else.</summary>
    // GET http://localhost:7071/api/openapi.yaml
    [Function(nameof(GetOpenApi))]
    public Task<IResult> RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.yaml")] HttpRequest request) =>
        Task.FromResult(Results.Bytes(Document, "application/yaml", entityTag: Tag));

    private static byte[] Read()
    {
        using var resource = typeof(GetOpenApi).Assembly.GetManifestResourceStream(Name)!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
