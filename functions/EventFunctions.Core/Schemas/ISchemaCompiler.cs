namespace EventFunctions.Schemas;

/// <summary>Knows which JSON Schemas the service works with.</summary>
public interface ISchemaCompiler
{
    /// <summary>Checks that a schema is valid and safe to apply before it is registered.</summary>
    /// <param name="schema">JSON text, possibly hostile.</param>
    /// <returns>Everything for which it is refused, each at its place in the schema; empty where it may be used.</returns>
    IReadOnlyList<SchemaError> Check(string schema);
}
