using System.Globalization;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>Where a reader stands in a JSON document; written out only when there is an error to report.</summary>
internal sealed class JsonPath
{
    // A longer pointer names the nearest ancestor that fits.
    private const int MaxPointerLength = 1_024;

    private readonly List<Step> _steps = [];

    public int Depth => _steps.Count;

    /// <summary>Goes to a member.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isContent">Whether the name is not one that the service or a schema knows, and may say as much as a value.</param>
    public void Push(string name, bool isContent = false) => _steps.Add(new Step(name, 0, isContent));

    public void Push(int index) => _steps.Add(new Step(null, index, IsContent: false));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>Goes back to where it was, from anywhere inside.</summary>
    public void ReturnTo(int depth) => _steps.RemoveRange(depth, _steps.Count - depth);

    public void MoveNext() => _steps[^1] = new Step(null, _steps[^1].Index + 1, IsContent: false);

    /// <summary>The JSON pointer (RFC 6901) in its form as a URI fragment.</summary>
    /// <param name="hidesContent">Whether <c>*</c> stands for names that are content.</param>
    public string ToPointer(bool hidesContent = false)
    {
        var pointer = new StringBuilder("#");
        foreach (var (name, index, isContent) in _steps)
        {
            if (hidesContent && isContent)
            {
                pointer.Append("/*");
                continue;
            }

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

    private readonly record struct Step(string? Name, int Index, bool IsContent);
}
