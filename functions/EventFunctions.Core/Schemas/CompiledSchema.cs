using System.Text.Json;

namespace EventFunctions.Schemas;

/// <summary>A schema, ready to check any number of payloads, also at once.</summary>
internal sealed class CompiledSchema(SchemaNode root)
{
    /// <summary>Checks a payload, with a bounded cost for every schema and payload.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="budget">What the checks of one request may take together; null for a payload alone.</param>
    public IReadOnlyList<SchemaError> Validate(JsonElement payload, SchemaBudget? budget = null)
    {
        var run = new SchemaRun(budget?.ForPayload ?? SchemaBudget.PerPayload);
        try
        {
            root.Check("$ref", payload, run);
        }
        catch (SchemaCostException)
        {
            run.AddCost();
        }
        catch (InvalidOperationException)
        {
            run.Add("A string or a name contains an unpaired surrogate.");
        }

        budget?.Take(run.Steps);
        return run.Errors;
    }
}
