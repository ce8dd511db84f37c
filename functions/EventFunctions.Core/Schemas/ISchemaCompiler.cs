namespace EventFunctions.Schemas;

/// <summary>Knows which JSON Schemas the service works with.</summary>
public interface ISchemaCompiler
{
    /// <summary>Checks a schema that somebody wants to register: whether it is one, and does no harm to whoever applies it.</summary>
    /// <param name="schema">JSON text, possibly hostile.</param>
    /// <returns>Everything for which it is refused, each at its place in the schema; empty where it may be used.</returns>
    IReadOnlyList<SchemaError> Check(string schema);
}
