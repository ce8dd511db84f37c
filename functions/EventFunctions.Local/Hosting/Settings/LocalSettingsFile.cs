using System.Text.Json;
using EventFunctions.Filters;
using EventFunctions.Sqlite;

namespace EventFunctions.Local.Hosting;

/// <summary>Reads <c>local.settings.json</c>, the settings file of Core Tools: its <c>Values</c>, with <c>__</c> for <c>:</c>.</summary>
internal static class LocalSettingsFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "local.settings.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is; a file that is not there has no settings.</param>
    /// <returns>Each setting by its key, sections joined by <c>:</c>; a value left empty is one not set.</returns>
    /// <exception cref="HostStartException">The file cannot be read, or another user can change it.</exception>
    public static IReadOnlyDictionary<string, string?> Read(string path)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            PrivateFiles.CheckSettings(path);
            if (File.Exists(path))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
                Read(path, document.RootElement, settings);
            }

            return settings;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"Cannot read the settings file {path}: {(e is JsonException wrong ? JsonFault.Explain(wrong) : e.Message)}", e);
        }
    }

    private static void Read(string path, JsonElement root, Dictionary<string, string?> settings)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new HostStartException($"The settings file {path} must contain a JSON object.");
        }

        if (root.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
        {
            throw new HostStartException($"The settings file {path} is encrypted. Run \"func settings decrypt\".");
        }

        if (root.TryGetProperty("Values", out var values))
        {
            Flatten(values, "", settings);
        }
        else if (root.EnumerateObject().Any(property => property.Name is not ("IsEncrypted" or "Host" or "ConnectionStrings")))
        {
            throw new HostStartException($"The settings file {path} has no \"Values\". Put the settings into it: {{ \"Values\": {{ \"Sample:Enabled\": \"false\" }} }}.");
        }
    }

    private static void Flatten(JsonElement value, string key, Dictionary<string, string?> settings)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Flatten(property.Value, Join(key, property.Name.Replace("__", ":", StringComparison.Ordinal)), settings);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    Flatten(item, Join(key, $"{index}"), settings);
                }

                break;
            default:
                if (value.ToString() is { Length: > 0 } text)
                {
                    settings[key] = text;
                }

                break;
        }
    }

    private static string Join(string section, string key) => section.Length == 0 ? key : $"{section}:{key}";
}
