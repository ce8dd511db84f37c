using System.Net;
using System.Text.Json;

namespace EventFunctions.Tests.Intake;

/// <summary>An answer of the API, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, string Text)
{
    public string? Location { get; private init; }

    public string? RetryAfter { get; private init; }

    public string? AcceptEncoding { get; private init; }

    public JsonElement Json => JsonElement.Parse(Text);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.NotNull(response.Content.Headers.ContentLength);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.ToString(), text)
        {
            Location = response.Headers.Location?.OriginalString,
            RetryAfter = response.Headers.RetryAfter?.ToString(),
            AcceptEncoding = response.Headers.TryGetValues("Accept-Encoding", out var values) ? string.Join(", ", values) : null,
        };
    }

    /// <summary>It is a problem by RFC 9457 with exactly these pointers or parameters.</summary>
    public void AssertProblem(HttpStatusCode status, params string[] where)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.NotEmpty(Json.GetProperty("detail").GetString()!);
        var errors = Json.TryGetProperty("errors", out var list) ? list.EnumerateArray().ToList() : [];
        Assert.All(errors, error => Assert.NotEmpty(error.GetProperty("detail").GetString()!));
        Assert.Equal(where, errors.Select(error => (error.TryGetProperty("pointer", out var pointer) ? pointer : error.GetProperty("parameter")).GetString()));
    }
}
