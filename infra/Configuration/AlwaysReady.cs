namespace EventFunctions.Infra.Configuration;

/// <summary>Instances that are kept running.</summary>
/// <param name="Name"><c>http</c>, or <c>function:NAME</c> for a function that no HTTP request triggers.</param>
/// <param name="Count">How many.</param>
internal sealed record AlwaysReady(string Name, int Count)
{
    public const string Example = """[{"name":"http","count":1}]""";

    public IEnumerable<string> Validate(string key)
    {
        if (Name != "http" && !(Name.StartsWith("function:", StringComparison.Ordinal) && Name.Length > "function:".Length))
            yield return $"{key} names \"{Name}\", which is neither http nor function:NAME; example: {Example}.";

        if (Count is < 1 or > 100)
            yield return $"{key} asks for {Count} instances of {Name}, but 1 to 100 are possible; example: {Example}.";
    }
}
