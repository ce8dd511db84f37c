using System.Text;
using System.Text.Unicode;

namespace EventFunctions.Fuzzing;

/// <summary>A reader of input from outside.</summary>
/// <param name="Name">The name.</param>
/// <param name="Read">Reads one input. Returns the reader's texts about it, which are enumerated after the measurement. Throws if a promise is broken.</param>
/// <param name="Seeds">The inputs to begin with.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], IEnumerable<string>> Read, params string[] Seeds)
{
    /// <summary>Separates the parts of an input that has several.</summary>
    public const byte Separator = 0x1E;

    /// <summary>The separator as text.</summary>
    public const string Then = "\u001e";

    /// <summary>The exceptions by which the reader refuses an input.</summary>
    public Type[] RefusedBy { get; init; } = [];

    /// <summary>The most bytes that may be allocated for each byte of input.</summary>
    public int AllocationPerByte { get; init; } = 50;

    /// <summary>The bytes that may be allocated for any input.</summary>
    public int AllocationForAny { get; init; } = 64 * 1024;

    /// <summary>Splits an input at its first separator; the second part is empty without one.</summary>
    public static (byte[] First, byte[] Second) Split(byte[] input)
    {
        var at = Array.IndexOf(input, Separator);
        return at < 0 ? (input, []) : (input[..at], input[(at + 1)..]);
    }

    /// <summary>Returns bytes as text: what is not UTF-8, byte by byte.</summary>
    public static string Text(byte[] input) => (Utf8.IsValid(input) ? Encoding.UTF8 : Encoding.Latin1).GetString(input);

    public override string ToString() => Name;
}
