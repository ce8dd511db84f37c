using System.Net;
using System.Text.Json;

namespace EventFunctions.Infra.Upload;

/// <summary>A response of Azure's.</summary>
/// <param name="Status">Its status; null if Azure could not be reached.</param>
/// <param name="Body">Its body, or why there is none.</param>
internal sealed record AzureResponse(HttpStatusCode? Status, string Body)
{
    /// <summary>Whether the request was taken.</summary>
    public bool IsSuccess => (int?)Status is >= 200 and < 300;

    /// <summary>The body as JSON; null for anything else.</summary>
    public JsonElement? Json
    {
        get
        {
            try
            {
                return JsonElement.Parse(Body);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The response in one short line.</summary>
    public override string ToString()
    {
        var text = string.Join(' ', Body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return $"{(Status is { } status ? $"{(int)status} " : "")}{text[..Math.Min(text.Length, 500)]}".Trim();
    }
}
