using System.Text.Json;

namespace EventFunctions.Cli.Service;

/// <summary>What the service answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body; undefined where there is none or it is not JSON.</param>
internal sealed record ServiceResponse(int Status, JsonElement Json)
{
    /// <summary>The state that was read, where the answer names it.</summary>
    public string? ETag { get; init; }

    /// <summary>How long the service asks to wait, where it does.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The body's media type.</summary>
    public string? MediaType { get; init; }

    /// <summary>The body as it came.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the call succeeded.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether there is JSON.</summary>
    public bool IsJson => Json.ValueKind != JsonValueKind.Undefined;

    /// <summary>The errors in parts of the request, by RFC 9457: the place and the error.</summary>
    public IEnumerable<(string Place, string Detail)> Errors =>
        Json.Items("errors").Select(error => (error.Text("pointer") ?? error.Text("parameter") ?? "", error.Text("detail") ?? ""));

    /// <summary>Returns the lines that report an error response.</summary>
    /// <param name="connection">What it was asked with.</param>
    public ToolException ToException(Connection connection)
    {
        var lines = new List<string>
        {
            Json.Text("detail") is { } detail ? $"{Status} {Json.Text("title")}: {detail}"
                : $"{connection.Url} answered {Status}{(MediaType is null ? "" : $" with {MediaType}")}, and says no more.",
        };
        lines.AddRange(Errors.Select(error => error.Place.Length == 0 ? $"  {error.Detail}" : $"  {error.Place}: {error.Detail}"));
        if (Hint(connection) is { } hint)
        {
            lines.Add(hint);
        }

        return new ToolException(ExitCode.OfStatus(Status), lines);
    }

    private string? Hint(Connection connection) => Status switch
    {
        401 when connection.Key is null => $"A function key is asked for: --key or {Connection.KeyVariable}.",
        403 when connection is { AdministrationKey: null, Scope: null } && Json.Items("errors").Count == 0 =>
            $"Administrators come with --admin-key or {Connection.AdministrationKeyVariable}, or with --entra.",
        401 when Body.IsEmpty => $"The platform refuses the function key. Check --key or {Connection.KeyVariable}.",
        404 when Body.IsEmpty => "The platform has no such path. Check --url, and that the service is as new as this tool.",
        429 when Body.IsEmpty => "The platform has too many requests in progress. Send the same again later.",
        500 when Body.IsEmpty => "The platform failed before the service could respond. Check the log of the app, and that the request is smaller than 100 MB.",
        >= 300 and < 400 => "The service does not redirect. Is the URL right?",
        _ => null,
    };
}
