using System.Text.Json;

namespace EventFunctions.Schemas;

/// <summary>One schema within a schema: its rules, all of which have to hold. Without rules it allows everything.</summary>
internal sealed class SchemaNode
{
    /// <summary>Set once the schema is compiled; a schema may refer to itself.</summary>
    public SchemaRule[] Rules { get; set; } = [];

    /// <summary>Checks a value against every rule, so that everything that is wrong is reported.</summary>
    /// <param name="keyword">The keyword that holds or names this schema, and pays for the look at it.</param>
    /// <param name="value">The value.</param>
    /// <param name="run">The check.</param>
    public bool Check(string keyword, JsonElement value, SchemaRun run)
    {
        run.Spend(keyword);
        var holds = true;
        foreach (var rule in Rules)
        {
            holds &= rule.Check(value, run);
            if (!holds && run.IsProbe)
            {
                return false;
            }
        }

        return holds;
    }
}

/// <summary>What one keyword, or several that belong together, ask of a value. Values they do not speak of satisfy them.</summary>
internal abstract class SchemaRule
{
    /// <summary>The schemas that the same value is checked against, which must not lead back here.</summary>
    public virtual IEnumerable<SchemaNode> OnSameValue => [];

    /// <summary>Checks a value, and reports errors.</summary>
    public abstract bool Check(JsonElement value, SchemaRun run);
}
