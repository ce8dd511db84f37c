using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the contract of all HTTP calls as a page to read.</summary>
public sealed class ShowReference(DashboardFiles files)
{
    /// <summary>Answers with the page.</summary>
    // GET http://localhost:7071/api/docs
    [Function(nameof(ShowReference))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "docs")] HttpRequest request) =>
        DashboardResponse.Of(files.Find(DashboardFiles.Reference));
}
