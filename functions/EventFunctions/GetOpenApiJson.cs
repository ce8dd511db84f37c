using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the contract of all HTTP calls as JSON.</summary>
public sealed class GetOpenApiJson(OpenApiDocument document)
{
    /// <summary>Answers with the document.</summary>
    // GET http://localhost:7071/api/openapi.json
    [Function(nameof(GetOpenApiJson))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "openapi.json")] HttpRequest request) => document.Json;
}
