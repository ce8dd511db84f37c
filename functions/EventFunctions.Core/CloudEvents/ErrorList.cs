namespace EventFunctions.CloudEvents;

/// <summary>
/// Collects the errors of a request. Bounded, because a hostile body of 1 MB can contain hundreds of thousands of errors at pointers of
/// half a megabyte each.
/// </summary>
internal sealed class ErrorList
{
    private const int MaxCharacters = 128 * 1024;

    private readonly List<EventError> _errors = [];
    private int _characters;
    private bool _isFull;

    public int Count => _errors.Count;

    public void Add(JsonPath path, string detail)
    {
        if (!_isFull)
        {
            Add(path.ToPointer(), detail);
        }
    }

    /// <summary>Adds an error at a place.</summary>
    /// <param name="pointer">A JSON pointer in its form as a URI fragment.</param>
    /// <param name="detail">What is wrong.</param>
    public void Add(string pointer, string detail)
    {
        if (_isFull)
        {
            return;
        }

        var error = new EventError(pointer, detail);
        _characters += error.Pointer.Length + error.Detail.Length;
        _errors.Add(error);
        if (_characters > MaxCharacters)
        {
            _isFull = true;
            _errors.Add(new EventError("#", "There are more errors; only the first ones are listed."));
        }
    }

    public IReadOnlyList<EventError> ToList() => _errors;
}
