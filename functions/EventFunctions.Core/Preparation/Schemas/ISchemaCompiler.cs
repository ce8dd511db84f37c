namespace EventFunctions.Preparation.Schemas;

/// <summary>Knows which JSON Schemas the service works with.</summary>
public interface ISchemaCompiler
{
    /// <summary>Checks a schema that somebody wants to register: whether it is one, and does no harm to whoever applies it.</summary>
    /// <param name="schema">JSON text of at most some hundred kilobytes, possibly hostile.</param>
    /// <returns>Why it is refused; null where it may be used.</returns>
    SchemaRefusal? Check(string schema);
}

/// <summary>Why a schema is refused.</summary>
/// <param name="Pointer">The place within the schema as a JSON pointer (RFC 6901); empty for the whole.</param>
/// <param name="Detail">What is wrong and what would be right.</param>
public sealed record SchemaRefusal(string Pointer, string Detail);
