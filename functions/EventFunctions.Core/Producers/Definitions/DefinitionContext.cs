using EventFunctions.Intake;
using EventFunctions.Preparation.Schemas;

namespace EventFunctions.Producers.Definitions;

/// <summary>What the reading of one definition shares.</summary>
/// <param name="schemas">Checks schemas.</param>
/// <param name="isSettings">
/// Whether the definition comes from settings, which are all text and know no order of names, no case, and no difference
/// between nothing and an empty object.
/// </param>
internal sealed class DefinitionContext(ISchemaCompiler schemas, bool isSettings)
{
    public ErrorList Errors { get; } = new();

    public ISchemaCompiler Schemas => schemas;

    public bool IsSettings => isSettings;
}
