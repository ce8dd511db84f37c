using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Intake;

namespace EventFunctions.Preparation.Schemas;

/// <summary>
/// Compiles the text of a schema, or says everything that speaks against it. A keyword that would not be checked is refused:
/// who writes it down relies on it.
/// </summary>
internal sealed class SchemaCompiler
{
    /// <summary>The deepest nesting of schemas and payloads.</summary>
    public const int MaxDepth = StrictJson.MaxDepth;

    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private const int MaxErrors = 100;

    // Payloads are at most 64 deep; the check of each level may be nested as often.
    private const int MaxChain = 16;

    private readonly JsonElement _root;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);
    private readonly Queue<string> _referred = [];
    private readonly List<SchemaError> _errors = [];

    private readonly bool _isStored;

    private SchemaCompiler(JsonElement root, bool isStored) => (_root, _isStored) = (root, isStored);

    /// <summary>Compiles a schema.</summary>
    /// <param name="text">The schema as JSON text.</param>
    /// <param name="isStored">Whether it was accepted once, and may have what is refused only since.</param>
    /// <param name="errors">Everything for which it is refused.</param>
    /// <returns>Null where there are errors.</returns>
    public static CompiledSchema? Compile(string text, bool isStored, out IReadOnlyList<SchemaError> errors)
    {
        if (Encoding.UTF8.GetByteCount(text) > JsonSchemas.MaxBytes)
        {
            errors = [new SchemaError("", $"A schema has at most {JsonSchemas.MaxBytes} bytes.")];
            return null;
        }

        var json = new ErrorList();
        if (JsonContent.Read(Encoding.UTF8.GetBytes(text), new JsonPath(), json) is not { } content)
        {
            errors = [.. json.ToList().Select(error => new SchemaError(error.Pointer[1..], error.Detail))];
            return null;
        }

        using var document = JsonDocument.Parse(content.Bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var compiler = new SchemaCompiler(document.RootElement, isStored);
        var node = compiler.CompileAll();
        errors = compiler._errors;
        return errors.Count > 0 ? null : new CompiledSchema(node);
    }

    /// <summary>Compiles the schema at a place; the same place gives the same node.</summary>
    public SchemaNode Node(JsonElement schema, string pointer)
    {
        if (!_nodes.TryGetValue(pointer, out var node))
        {
            _nodes[pointer] = node = new SchemaNode();
        }

        if (_filled.Add(pointer))
        {
            Fill(node, schema, pointer);
        }

        return node;
    }

    /// <summary>The schema that a reference leads to; compiled later, since it may lead back.</summary>
    public SchemaNode? Refer(string reference, string pointer)
    {
        if (!reference.StartsWith('#') || (reference.Length > 1 && reference[1] != '/'))
        {
            Refuse(pointer, "A reference leads into the schema itself by a JSON pointer, such as \"#/$defs/money\"; nothing is loaded from elsewhere.");
            return null;
        }

        var target = Uri.UnescapeDataString(reference[1..]);
        if (!_nodes.TryGetValue(target, out var node))
        {
            _nodes[target] = node = new SchemaNode();
            _referred.Enqueue(target);
            if (Find(target) is null)
            {
                Refuse(pointer, "The reference leads to nothing.");
            }
        }

        return node;
    }

    /// <summary>Compiles a pattern; null where it is refused.</summary>
    public Regex? Pattern(string pattern, string pointer)
    {
        try
        {
            return SchemaPattern.Compile(pattern, _isStored);
        }
        catch (FormatException e)
        {
            Refuse(pointer, e.Message);
            return null;
        }
    }

    /// <summary>Notes what speaks against the schema.</summary>
    public void Refuse(string pointer, string detail)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(new SchemaError(string.Join('/', pointer.Split('/').Select(Uri.EscapeDataString)), detail));
        }
    }

    /// <summary>A name as a JSON pointer spells it.</summary>
    public static string Token(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private SchemaNode CompileAll()
    {
        if (_root.ValueKind == JsonValueKind.Object && _root.TryGetProperty("$schema", out var dialect)
            && !(dialect.ValueKind == JsonValueKind.String && dialect.GetString()!.TrimEnd('#') == Dialect))
        {
            Refuse("/$schema", $"The dialect is \"{Dialect}\"; others are not known.");
            return new SchemaNode();
        }

        var root = Node(_root, "");
        while (_referred.TryDequeue(out var waiting))
        {
            if (Find(waiting) is { } schema)
            {
                Node(schema, waiting);
            }
        }

        if (_errors.Count == 0 && HasLongChain())
        {
            Refuse("", $"Schemas refer to each other without end, or more than {MaxChain} deep for one value.");
        }

        return root;
    }

    private void Fill(SchemaNode node, JsonElement schema, string pointer)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Rules = [new NothingRule()];
                break;
            case JsonValueKind.Object:
                node.Rules = [.. new SchemaKeywords(this, schema, pointer).Read()];
                break;
            default:
                Refuse(pointer, "A schema is an object, true or false.");
                break;
        }
    }

    private JsonElement? Find(string pointer)
    {
        var value = _root;
        foreach (var token in pointer.Split('/').Skip(1))
        {
            var name = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return value;
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
