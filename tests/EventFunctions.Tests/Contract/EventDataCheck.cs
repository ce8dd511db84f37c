using System.Buffers;
using System.Text;

namespace EventFunctions.Tests.Contract;

/// <summary>Checks server-sent events as their bytes pass by, each when its last line has.</summary>
/// <param name="schema">The schema of their data.</param>
internal sealed class EventDataCheck(string schema)
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _data = new();

    /// <summary>What is wrong with the events that end in these bytes.</summary>
    /// <param name="bytes">The next bytes of the stream.</param>
    public IReadOnlyList<string> Faults(ReadOnlySpan<byte> bytes)
    {
        var faults = new List<string>();
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _line.Write(bytes[..end]);
            faults.AddRange(LineFaults());
            _line.ResetWrittenCount();
            bytes = bytes[(end + 1)..];
        }

        _line.Write(bytes);
        return faults;
    }

    private IEnumerable<string> LineFaults()
    {
        var line = Encoding.UTF8.GetString(_line.WrittenSpan);
        if (line.StartsWith("data:", StringComparison.Ordinal))
        {
            _data.Write(_line.WrittenSpan["data:".Length..]);
            _data.Write("\n"u8);
        }
        else if (line.Length == 0 && _data.WrittenCount > 0)
        {
            var faults = ContractDocument.OpenApi.Check(schema, _data.WrittenMemory);
            _data.ResetWrittenCount();
            return faults;
        }

        return line.Length == 0 || line.Split(':')[0] is "" or "data" or "id" or "retry" ? [] : [$"There is no such field: {line}"];
    }
}
