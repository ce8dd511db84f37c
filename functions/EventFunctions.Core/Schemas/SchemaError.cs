namespace EventFunctions.Schemas;

/// <summary>One thing that is wrong with a value, or with a schema.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901) in its form within a URI fragment, without the <c>#</c>; empty is the whole.</param>
/// <param name="Detail">What is wrong; never a value.</param>
public sealed record SchemaError(string Pointer, string Detail)
{
    /// <summary>
    /// The same place with <c>*</c> for every name that is not in the schema: such a name may be personal data, as a value may.
    /// </summary>
    public string Place { get; init; } = Pointer;

    /// <summary>Whether the check stopped here because of its cost; there may be more errors.</summary>
    public bool ExceededBudget { get; init; }
}

/// <summary>A schema that should have been refused when its producer was registered is in use.</summary>
internal sealed class InvalidSchemaException(string message) : Exception(message);
