using System.Text.Json;

namespace EventFunctions.Definitions;

/// <summary>A property of an object of a definition. A class: collections of it are compiled before the start.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record DefinitionMember(string Name, JsonElement Value);
