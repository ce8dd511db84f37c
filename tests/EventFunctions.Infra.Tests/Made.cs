using System.Text.Json.Nodes;

namespace EventFunctions.Infra.Tests;

/// <summary>A resource that the program made.</summary>
/// <param name="Type">Pulumi's type.</param>
/// <param name="Name">The name in the program.</param>
/// <param name="Inputs">What it was made of.</param>
internal sealed record Made(string Type, string Name, JsonNode Inputs)
{
    /// <summary>The text of an input, at a path such as <c>siteConfig.ftpsState</c>.</summary>
    public string? Text(string path) => At(path)?.ToString();

    /// <summary>Texts of a list.</summary>
    public IEnumerable<string> Texts(string path, string? property = null) =>
        (At(path) as JsonArray ?? []).Select(n => (property is null ? n : n?[property])?.ToString() ?? "");

    /// <summary>An input, at a path.</summary>
    public JsonNode? At(string path) => path.Split('.').Aggregate((JsonNode?)Inputs, (node, part) =>
        node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node?[part]);
}
