using System.Globalization;
using System.Text;

namespace EventFunctions.Intake;

/// <summary>Where a reader stands in a JSON document; written out only when there is an error to report.</summary>
internal sealed class JsonPath
{
    // A longer pointer names the nearest ancestor that fits.
    private const int MaxPointerLength = 1_024;

    private readonly List<Step> _steps = [];

    public int Depth => _steps.Count;

    public void Push(string name) => _steps.Add(new Step(name, 0));

    public void Push(int index) => _steps.Add(new Step(null, index));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>Goes back to where it was, from anywhere inside.</summary>
    public void ReturnTo(int depth) => _steps.RemoveRange(depth, _steps.Count - depth);

    public void MoveNext() => _steps[^1] = new Step(null, _steps[^1].Index + 1);

    /// <summary>The JSON pointer (RFC 6901) in its form as a URI fragment.</summary>
    public string ToPointer()
    {
        var pointer = new StringBuilder("#");
        foreach (var (name, index) in _steps)
        {
            if (name is null)
            {
                pointer.Append(CultureInfo.InvariantCulture, $"/{index}");
                continue;
            }

            if (name.Length > MaxPointerLength)
            {
                break;
            }

            var escaped = Uri.EscapeDataString(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            if (pointer.Length + escaped.Length > MaxPointerLength)
            {
                break;
            }

            pointer.Append('/').Append(escaped);
        }

        return pointer.ToString();
    }

    private readonly record struct Step(string? Name, int Index);
}
