using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.EventGrid;

/// <summary>A publication that the service would refuse, with the answer that it would give.</summary>
/// <param name="status">The answer's status.</param>
/// <param name="detailCode">The service's code for the reason.</param>
/// <param name="message">The reason.</param>
public sealed class RefusedPublicationException(HttpStatusCode status, string detailCode, string message) : Exception(message)
{
    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>The body is not what the topic takes in.</summary>
    internal static RefusedPublicationException Invalid(string message) => new(HttpStatusCode.BadRequest, "InputJsonInvalid", message);

    /// <summary>The request is larger than the service takes.</summary>
    internal static RefusedPublicationException TooLarge() => new(
        HttpStatusCode.RequestEntityTooLarge,
        "PayloadTooLarge",
        string.Create(CultureInfo.InvariantCulture, $"The maximum size ({PublishEndpoint.MaxRequestBytes}) has been exceeded."));

    /// <summary>Writes the answer.</summary>
    internal Task WriteAsync(HttpResponse response, string requestId, DateTimeOffset now)
    {
        var report = string.Create(
            CultureInfo.InvariantCulture,
            $"{Message} Report '{requestId}:1:{now.UtcDateTime:M/d/yyyy h:mm:ss tt} (UTC)' to our forums for assistance or raise a support ticket.");
        response.StatusCode = (int)Status;
        response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new { error = new { code = Status.ToString(), message = report, details = new[] { new { code = detailCode, message = report } } } });
        return response.Body.WriteAsync(body).AsTask();
    }
}
