using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Serves the scripts, styles and the icon of the dashboard.</summary>
public sealed class GetDashboardFile(DashboardFiles files)
{
    /// <summary>Answers with one file.</summary>
    // GET http://localhost:7071/api/dashboard/main.js
    [Function(nameof(GetDashboardFile))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard/{file}")] HttpRequest request, string file) =>
        DashboardResponse.Of(files.Find(file));
}
