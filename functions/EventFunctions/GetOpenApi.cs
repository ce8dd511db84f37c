using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the contract of all HTTP calls.</summary>
public sealed class GetOpenApi(OpenApiDocument document)
{
    /// <summary>Answers with the document.</summary>
    // GET http://localhost:7071/api/openapi.yaml
    [Function(nameof(GetOpenApi))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "openapi.yaml")] HttpRequest request) => document.Yaml;
}
