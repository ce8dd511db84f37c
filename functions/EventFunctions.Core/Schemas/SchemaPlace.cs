using EventFunctions.CloudEvents;

namespace EventFunctions.Schemas;

/// <summary>A place in a schema. Its pointer is written only for an error: long names above many schemas would make it large.</summary>
internal sealed class SchemaPlace
{
    private readonly SchemaPlace? _parent;
    private readonly string _name = "";

    private SchemaPlace()
    {
    }

    private SchemaPlace(SchemaPlace parent, string name) => (_parent, _name) = (parent, name);

    /// <summary>The whole schema.</summary>
    public static SchemaPlace Root { get; } = new();

    /// <summary>The place of a member or element.</summary>
    public SchemaPlace this[string name] => new(this, name);

    /// <summary>The JSON pointer in its form within a URI fragment, without the <c>#</c>.</summary>
    public string ToPointer()
    {
        var names = new Stack<string>();
        for (var place = this; place._parent is { } parent; place = parent)
        {
            names.Push(place._name);
        }

        var path = new JsonPath();
        foreach (var name in names)
        {
            path.Push(name);
        }

        return path.ToPointer()[1..];
    }
}
