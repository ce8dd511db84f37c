using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the dashboard's page. It holds no data: its scripts ask the API for that, with the keys that its reader gives them.</summary>
public sealed class ShowDashboard(DashboardFiles files)
{
    /// <summary>Answers with the page.</summary>
    // GET http://localhost:7071/api/dashboard
    [Function(nameof(ShowDashboard))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard")] HttpRequest request) =>
        DashboardResponse.Of(files.Find(DashboardFiles.Page));
}
