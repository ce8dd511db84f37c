using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFunctions.Preparation.Schemas;

/// <summary>A schema, ready to check any number of payloads, also at once.</summary>
internal sealed class CompiledSchema(SchemaNode root)
{
    /// <summary>Checks one payload; its cost is bounded whatever schema and payload hold.</summary>
    public IReadOnlyList<SchemaError> Validate(JsonElement payload)
    {
        var run = new SchemaRun();
        try
        {
            root.Check(payload, run);
        }
        catch (SchemaCostException)
        {
            run.AddCost("The check against the schema takes more steps than are allowed.");
        }
        catch (RegexMatchTimeoutException)
        {
            run.AddCost("The check against the patterns of the schema takes longer than is allowed.");
        }
        catch (InvalidOperationException)
        {
            run.Add("A string or a name holds half of a surrogate pair.");
        }

        return run.Errors;
    }
}
