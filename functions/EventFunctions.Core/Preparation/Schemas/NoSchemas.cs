namespace EventFunctions.Preparation.Schemas;

/// <summary>For a host that checks no schemas: it takes none, rather than let somebody believe that they are checked.</summary>
public sealed class NoSchemas : ISchemaCompiler
{
    /// <inheritdoc/>
    public SchemaRefusal? Check(string schema) => new("", "This host does not check schemas, so it takes none.");
}
