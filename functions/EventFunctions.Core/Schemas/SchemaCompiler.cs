using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Schemas.Patterns;

namespace EventFunctions.Schemas;

/// <summary>
/// Compiles the text of a schema, or says everything that speaks against it. A keyword that would not be checked is refused:
/// who writes it down relies on it.
/// </summary>
internal sealed class SchemaCompiler
{
    /// <summary>The deepest nesting of schemas and payloads.</summary>
    public const int MaxDepth = StrictJson.MaxDepth;

    /// <summary>About how many bytes a keyword takes beside its texts and schemas.</summary>
    public const int RuleBytes = 128;

    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private const int MaxErrors = 100;

    // Payloads are at most 64 deep; the check of each level may be nested as often.
    private const int MaxChain = 16;

    // A schema of 64 KB without patterns stays well below.
    private const int MaxCompiledBytes = 5 * 1024 * 1024;

    // About 50 ms at most: a step is as long as for a check.
    private const int MaxSteps = SchemaBudget.PerPayload;

    private const int NodeBytes = 96;

    private readonly JsonElement _root;
    private readonly Dictionary<int, SchemaNode> _nodes = [];
    private readonly HashSet<SchemaNode> _filled = [];
    private readonly Dictionary<string, SchemaNode?> _references = new(StringComparer.Ordinal);
    private readonly Queue<(JsonElement Schema, SchemaPlace Place)> _referred = [];
    private readonly Dictionary<string, int> _bytesByKeyword = new(StringComparer.Ordinal);
    private readonly List<SchemaError> _errors = [];
    private int _bytes;
    private int _steps;

    private SchemaCompiler(JsonElement root) => _root = root;

    /// <summary>Compiles a schema.</summary>
    /// <param name="text">The schema as JSON text.</param>
    /// <param name="errors">Everything for which it is refused.</param>
    /// <returns>Null where there are errors.</returns>
    public static CompiledSchema? Compile(string text, out IReadOnlyList<SchemaError> errors)
    {
        if (Encoding.UTF8.GetByteCount(text) > JsonSchemas.MaxBytes)
        {
            errors = [new SchemaError("", $"A schema may have at most {JsonSchemas.MaxBytes} bytes.")];
            return null;
        }

        var json = new ErrorList();
        if (JsonContent.Read(Encoding.UTF8.GetBytes(text), new JsonPath(), json) is not { } content)
        {
            errors = [.. json.ToList().Select(error => new SchemaError(error.Pointer[1..], error.Detail))];
            return null;
        }

        using var document = JsonDocument.Parse(content.Bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var compiler = new SchemaCompiler(document.RootElement);
        SchemaNode node;
        try
        {
            node = compiler.CompileAll();
        }
        catch (SchemaCostException)
        {
            errors = [compiler._errors[^1]];
            return null;
        }

        errors = compiler._errors;
        return errors.Count > 0 ? null : new CompiledSchema(node);
    }

    /// <summary>Compiles the schema at a place; the same place gives the same node.</summary>
    public SchemaNode Node(JsonElement schema, SchemaPlace place)
    {
        var node = NodeOf(schema);
        if (_filled.Add(node))
        {
            Fill(node, schema, place);
        }

        return node;
    }

    /// <summary>The schema that a reference points to; compiled later, because it may point back.</summary>
    public SchemaNode? Refer(string reference, SchemaPlace place)
    {
        if (_references.TryGetValue(reference, out var known))
        {
            return known;
        }

        if (!reference.StartsWith('#') || (reference.Length > 1 && reference[1] != '/'))
        {
            Refuse(place, "A reference must be a JSON pointer into the same schema, such as \"#/$defs/money\". Nothing is loaded from elsewhere.");
            return null;
        }

        if (Find(Uri.UnescapeDataString(reference[1..]), place) is not var (schema, target))
        {
            Refuse(place, "The reference has no target in the schema.");
            return null;
        }

        _referred.Enqueue((schema, target));
        return _references[reference] = NodeOf(schema);
    }

    /// <summary>Compiles a pattern; null if it is rejected.</summary>
    public PatternProgram? Pattern(string pattern, string keyword, SchemaPlace place)
    {
        try
        {
            var program = PatternProgram.Compile(pattern);
            Take(program.Bytes, keyword, place);
            return program;
        }
        catch (FormatException e)
        {
            Refuse(place, e.Message);
            return null;
        }
    }

    /// <summary>Records what speaks against the schema.</summary>
    public void Refuse(SchemaPlace place, string detail)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(new SchemaError(place.ToPointer(), detail));
        }
    }

    /// <summary>Counts a text that the compiled schema keeps.</summary>
    /// <exception cref="SchemaCostException">The compiled schema is too large.</exception>
    public void TakeText(string text, string keyword, SchemaPlace place) => Take(64 + (2 * text.Length), keyword, place);

    /// <summary>Counts memory that the compiled schema takes.</summary>
    /// <exception cref="SchemaCostException">The compiled schema is too large.</exception>
    public void Take(int bytes, string keyword, SchemaPlace place)
    {
        _bytes += bytes;
        CollectionsMarshal.GetValueRefOrAddDefault(_bytesByKeyword, keyword, out _) += bytes;
        if (_bytes > MaxCompiledBytes)
        {
            var largest = _bytesByKeyword.MaxBy(pair => pair.Value).Key;
            Stop(place, $"The schema takes more than {MaxCompiledBytes / (1024 * 1024)} MB of memory when compiled; the keyword \"{largest}\" takes the most.");
        }
    }

    private SchemaNode CompileAll()
    {
        if (_root.ValueKind == JsonValueKind.Object && _root.TryGetProperty("$schema", out var dialect)
            && !(dialect.ValueKind == JsonValueKind.String && dialect.GetString()!.TrimEnd('#') == Dialect))
        {
            Refuse(SchemaPlace.Root["$schema"], $"Must be \"{Dialect}\", the only supported dialect.");
            return new SchemaNode();
        }

        var root = Node(_root, SchemaPlace.Root);
        while (_referred.TryDequeue(out var waiting))
        {
            Node(waiting.Schema, waiting.Place);
        }

        if (_errors.Count == 0 && HasLongChain())
        {
            Refuse(SchemaPlace.Root, $"The references between schemas have no end, or are more than {MaxChain} levels deep for one value.");
        }

        return root;
    }

    private SchemaNode NodeOf(JsonElement schema)
    {
        // Where its text begins tells which part of the document it is.
        JsonMarshal.GetRawUtf8Value(_root).Overlaps(JsonMarshal.GetRawUtf8Value(schema), out var offset);
        if (!_nodes.TryGetValue(offset, out var node))
        {
            _bytes += NodeBytes;
            _nodes[offset] = node = new SchemaNode();
        }

        return node;
    }

    private void Fill(SchemaNode node, JsonElement schema, SchemaPlace place)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Rules = [new NothingRule()];
                break;
            case JsonValueKind.Object:
                node.Rules = [.. new SchemaKeywords(this, schema, place).Read()];
                break;
            default:
                Refuse(place, "A schema must be an object, true or false.");
                break;
        }
    }

    private (JsonElement Schema, SchemaPlace Place)? Find(string pointer, SchemaPlace from)
    {
        var (value, place) = (_root, SchemaPlace.Root);
        foreach (var token in pointer.Split('/').Skip(1))
        {
            var name = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            place = place[name];
            if (value.ValueKind == JsonValueKind.Object && Spend(value.GetPropertyCount(), from) && value.TryGetProperty(name, out var member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index >= 0
                && Spend(value.GetArrayLength(), from) && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return (value, place);
    }

    private bool Spend(int looks, SchemaPlace place)
    {
        _steps += 1 + (looks / 8);
        if (_steps > MaxSteps)
        {
            Stop(place, $"The schema takes more than {MaxSteps} steps to compile; the keyword \"$ref\" takes the most.");
        }

        return true;
    }

    private void Stop(SchemaPlace place, string detail)
    {
        _errors.Add(new SchemaError(place.ToPointer(), detail));
        throw new SchemaCostException();
    }

    // Which schemas begin a chain of one, of two, … references: of those that go round in a circle some are always left.
    private bool HasLongChain()
    {
        var beginning = _nodes.Values.ToHashSet();
        for (var length = 1; length <= MaxChain && beginning.Count > 0; length++)
        {
            beginning = [.. beginning.Where(node => node.Rules.Any(rule => rule.OnSameValue.Any(beginning.Contains)))];
        }

        return beginning.Count > 0;
    }
}
