using System.Globalization;
using System.Text;

namespace EventFunctions.Fuzzing;

/// <summary>An input that a reader did not survive as promised.</summary>
/// <param name="Target">The reader's name.</param>
/// <param name="Kind">What is alike in all findings of one cause.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Input">The input.</param>
internal sealed record FuzzFinding(string Target, string Kind, string Detail, byte[] Input)
{
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(Input.AsSpan(0, Math.Min(Input.Length, 2_000))))
        {
            text.Append(c is < ' ' or '\u007f' or '\ufffd' ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString());
        }

        return $"{Target}: {Kind}\n{Detail}\ninput ({Input.Length} bytes): {text}\nbase64: {Convert.ToBase64String(Input.AsSpan(0, Math.Min(Input.Length, 20_000)))}";
    }
}
