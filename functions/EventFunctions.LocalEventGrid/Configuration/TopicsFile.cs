using System.Text.Json;
using EventFunctions.Sqlite;

namespace EventFunctions.Local.EventGrid;

/// <summary>Reads topics from a JSON file.</summary>
public static class TopicsFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
    };

    /// <summary>Reads the topics.</summary>
    /// <param name="path">The file, whose form <see cref="LocalEventGridOptions.TopicsFile"/> describes.</param>
    /// <exception cref="GridConfigurationException">The file cannot be read, or is not such a file.</exception>
    /// <exception cref="UnsafeFileException">Another user can change the file.</exception>
    public static IReadOnlyList<TopicResource> Read(string path)
    {
        PrivateFiles.CheckSettings(path);
        try
        {
            using var stream = File.OpenRead(path);
            var content = JsonSerializer.Deserialize<Content>(stream, Options);
            return content?.Topics ?? throw new GridConfigurationException([$"/topics: is missing in {path}"]);
        }
        catch (JsonException e)
        {
            // The path is a JSON path ($.topics[0].name); line and position help as well.
            throw new GridConfigurationException([$"{path}, {e.Path}: {e.Message}"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GridConfigurationException([$"{path}: {e.Message}"]);
        }
    }

    private sealed record Content
    {
        public IReadOnlyList<TopicResource>? Topics { get; init; }
    }
}
