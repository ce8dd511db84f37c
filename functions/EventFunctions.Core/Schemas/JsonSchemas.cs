using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Schemas;

/// <summary>
/// Checks payloads against JSON Schemas of draft 2020-12, in the keywords that <c>docs/enrich.md</c> lists. A schema is
/// compiled when it is first used, and kept for as long as its text is: a registration brings its own.
/// </summary>
public sealed class JsonSchemas : ISchemaCompiler
{
    /// <summary>The most bytes of UTF-8 that a schema may have.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly ConditionalWeakTable<string, CompiledSchema> _compiled = [];

    /// <summary>Everything for which a schema is refused at registration.</summary>
    /// <param name="schemaText">A schema, as JSON text.</param>
    /// <returns>The reasons, each at its place in the schema; empty where there are none.</returns>
    public static IReadOnlyList<SchemaError> Check(string schemaText)
    {
        ArgumentNullException.ThrowIfNull(schemaText);
        SchemaCompiler.Compile(schemaText, out var errors);
        return errors;
    }

    IReadOnlyList<SchemaError> ISchemaCompiler.Check(string schema) => Check(schema);

    /// <summary>Checks a payload.</summary>
    /// <param name="schemaText">A schema that <see cref="Check"/> finds nothing wrong with.</param>
    /// <param name="payload">The payload; null where there is none, which satisfies no schema.</param>
    /// <returns>Everything that is wrong, up to a limit; empty where nothing is.</returns>
    /// <exception cref="InvalidSchemaException">The schema is one that <see cref="Check"/> refuses.</exception>
    public IReadOnlyList<SchemaError> Validate(string schemaText, EventContent? payload)
    {
        switch (payload)
        {
            case null:
                return [new SchemaError("", "The type has a schema, but the event has no data.")];
            case { Kind: not ContentKind.Json }:
                return [new SchemaError("", "The type has a schema, but the data is not JSON.")];
            default:
                using (var document = JsonDocument.Parse(payload.Bytes, new JsonDocumentOptions { MaxDepth = SchemaCompiler.MaxDepth }))
                {
                    return Validate(schemaText, document.RootElement);
                }
        }
    }

    /// <summary>Checks a parsed payload; as above.</summary>
    internal IReadOnlyList<SchemaError> Validate(string schemaText, JsonElement payload, SchemaBudget? budget = null) =>
        _compiled.GetValue(schemaText, Compile).Validate(payload, budget);

    private static CompiledSchema Compile(string text) =>
        SchemaCompiler.Compile(text, out var errors)
        ?? throw new InvalidSchemaException($"The schema cannot be used: {errors[0].Detail}");
}
