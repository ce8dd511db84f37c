using System.Globalization;
using EventFunctions.Peers;

// Usage: MODE --urls URL --store CONNECTION
var mode = args[0];
var builder = WebApplication.CreateSlimBuilder(args[1..]);
builder.Logging.ClearProviders();
var connection = builder.Configuration["store"] ?? throw new InvalidOperationException("--store is missing. Give a connection string.");
IPeer peer = mode switch
{
    "insert" => new BareInsert(),
    "wolverine-sqlite" => new WolverineInbox(isPostgreSql: false),
    "wolverine-postgresql" => new WolverineInbox(isPostgreSql: true),
    "cap-postgresql" => new CapOutbox(),
    _ => throw new InvalidOperationException($"Unknown mode \"{mode}\". Use insert, wolverine-sqlite, wolverine-postgresql or cap-postgresql."),
};
peer.Configure(builder, connection);
var app = builder.Build();
await peer.PrepareAsync(app.Services);
app.MapPost("/api/events", async (HttpRequest request) =>
{
    using var reader = new StreamReader(request.Body);
    await peer.AcceptAsync(request.HttpContext.RequestServices, await reader.ReadToEndAsync());
    return Results.Accepted();
});
app.MapGet("/api/completed", () => Completed.Count.ToString(CultureInfo.InvariantCulture));
app.MapGet("/api/health", () => "ok");
await app.RunAsync();
