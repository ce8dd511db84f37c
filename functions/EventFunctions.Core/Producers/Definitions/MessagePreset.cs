using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;

namespace EventFunctions.Producers.Definitions;

/// <summary>How the messages of a well-known sender become events, and how it signs them: the part of a definition that fits all its customers.</summary>
internal sealed class MessagePreset
{
    private const string Folder = "Presets.";
    private const string Extension = ".json";

    private MessagePreset(string name, JsonElement json)
    {
        Name = name;
        Messages = json.GetProperty("messages");
        Verification = json.GetProperty("verification");
        Documentation = [.. json.GetProperty("documentation").EnumerateArray().Select(url => url.GetString()!)];
    }

    /// <summary>All presets, in the order of their names.</summary>
    public static ImmutableArray<MessagePreset> All { get; } = [.. Read()];

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The preset's <c>messages</c>.</summary>
    public JsonElement Messages { get; }

    /// <summary>The preset's <c>verification</c>, without secrets.</summary>
    public JsonElement Verification { get; }

    /// <summary>The URLs where the sender documents it.</summary>
    public ImmutableArray<string> Documentation { get; }

    /// <summary>Returns a preset; null if the name is unknown.</summary>
    public static MessagePreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    private static IEnumerable<MessagePreset> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var json = JsonDocument.Parse(stream);
            yield return new MessagePreset(resource[Folder.Length..^Extension.Length], json.RootElement.Clone());
        }
    }
}
