using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Serves the dashboard and the HTTP contract.</summary>
public sealed class Pages(DashboardFiles files, OpenApiDocument document)
{
    /// <summary>Shows the dashboard's page. It holds no data: its scripts ask the API for that, with the keys that its reader gives them.</summary>
    // GET http://localhost:7071/api/dashboard
    [Function(nameof(ShowDashboard))]
    public IResult ShowDashboard([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard")] HttpRequest request) =>
        DashboardResponse.Of(files.Find(DashboardFiles.Page));

    /// <summary>Serves the scripts, styles and the icon of the dashboard.</summary>
    // GET http://localhost:7071/api/dashboard/main.js
    [Function(nameof(GetDashboardFile))]
    public IResult GetDashboardFile([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard/{file}")] HttpRequest request, string file) =>
        DashboardResponse.Of(files.Find(file));

    /// <summary>Shows the contract of all HTTP calls as a page to read.</summary>
    // GET http://localhost:7071/api/docs
    [Function(nameof(ShowReference))]
    public IResult ShowReference([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "docs")] HttpRequest request) =>
        DashboardResponse.Of(files.Find(DashboardFiles.Reference));

    /// <summary>Shows the contract of all HTTP calls.</summary>
    // GET http://localhost:7071/api/openapi.yaml
    [Function(nameof(GetOpenApi))]
    public IResult GetOpenApi([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "openapi.yaml")] HttpRequest request) => document.Yaml;

    /// <summary>Shows the contract of all HTTP calls as JSON.</summary>
    // GET http://localhost:7071/api/openapi.json
    [Function(nameof(GetOpenApiJson))]
    public IResult GetOpenApiJson([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "openapi.json")] HttpRequest request) => document.Json;
}
