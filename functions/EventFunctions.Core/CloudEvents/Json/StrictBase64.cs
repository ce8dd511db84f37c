using System.Buffers;
using System.Buffers.Text;

namespace EventFunctions.CloudEvents;

/// <summary>Base64 by RFC 4648 §4, which unlike <see cref="Base64"/> allows no white space.</summary>
internal static class StrictBase64
{
    public static byte[]? TryDecode(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(" \t\r\n"u8))
        {
            return null;
        }

        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done ? bytes[..written] : null;
    }
}
