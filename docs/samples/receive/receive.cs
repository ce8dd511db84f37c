#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

var secret = Convert.FromBase64String(Environment.GetEnvironmentVariable("WEBHOOK_SECRET")!["whsec_".Length..]);
var handled = new ConcurrentDictionary<string, bool>();     // use a database table in production

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
var app = builder.Build();
app.Urls.Add($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8080"}");
app.MapPost("/", async (HttpRequest request) =>
{
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!IsGenuine(request.Headers, body))
        return Results.Unauthorized();

    if (handled.TryAdd(request.Headers["webhook-id"]!, true))
    {
        var received = JsonElement.Parse(body);
        Console.WriteLine($"received {received.GetProperty("type")} {received.GetProperty("id")}");
    }

    return Results.NoContent();                             // respond first; do long work behind a queue
});
await app.StartAsync();
Console.WriteLine(app.Urls.Single() + "/");
await app.WaitForShutdownAsync();

bool IsGenuine(IHeaderDictionary headers, byte[] body)
{
    if (!long.TryParse(headers["webhook-timestamp"], out var sent) || Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - sent) > 300)
        return false;

    byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}."), .. body];
    var wanted = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed)));
    return headers["webhook-signature"].ToString().Split(' ').Any(signature =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), wanted));
}
