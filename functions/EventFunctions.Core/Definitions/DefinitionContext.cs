using EventFunctions.CloudEvents;
using EventFunctions.Schemas;

namespace EventFunctions.Definitions;

/// <summary>What the reading of one definition shares.</summary>
/// <param name="schemas">Checks schemas.</param>
/// <param name="isSettings">
/// Whether the definition comes from settings, which are all text and know no order of names, no case, and no difference
/// between nothing and an empty object.
/// </param>
/// <param name="isStored">Whether it was accepted once: what is refused only since then must not take its producer away.</param>
internal sealed class DefinitionContext(ISchemaCompiler schemas, bool isSettings, bool isStored = false)
{
    public ErrorList Errors { get; } = new();

    public ISchemaCompiler Schemas => schemas;

    public bool IsSettings => isSettings;

    public bool IsStored => isStored;
}
