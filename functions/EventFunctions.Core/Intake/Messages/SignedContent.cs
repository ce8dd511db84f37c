using System.Buffers;
using System.Text;
using System.Text.Json;
using EventFunctions.Definitions;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Puts together the bytes that a sender signs.</summary>
internal static class SignedContent
{
    private const string Whole = "{body}";

    /// <summary>Returns the bytes; null where a part of them is missing.</summary>
    /// <param name="scheme">What is signed.</param>
    /// <param name="message">The message.</param>
    /// <param name="timestamp">The time of sending, as it is written.</param>
    /// <param name="element">The part of the message that pointers start from; null if the scheme has none.</param>
    /// <param name="refusal">What is missing.</param>
    public static ReadOnlyMemory<byte>? Of(SignatureScheme scheme, MessageEnvelope message, string? timestamp, JsonElement? element, out string? refusal)
    {
        refusal = null;
        if (scheme.SignedContent == Whole)
        {
            return message.Body;
        }

        var content = new ArrayBufferWriter<byte>(message.Body.Length + 256);
        foreach (var (text, isPlaceholder) in TextTemplate.Parse(scheme.SignedContent).Parts)
        {
            if (isPlaceholder && text == "body")
            {
                content.Write(message.Body.Span);
                continue;
            }

            var part = !isPlaceholder ? text : TextOf(text, scheme, message, timestamp, element, out refusal);
            if (part is null)
            {
                return null;
            }

            Encoding.UTF8.GetBytes(part, content);
        }

        return content.WrittenMemory;
    }

    // A value that the message does not have is signed as nothing.
    private static string? TextOf(
        string placeholder, SignatureScheme scheme, MessageEnvelope message, string? timestamp, JsonElement? element, out string? refusal)
    {
        refusal = null;
        switch (placeholder)
        {
            case "timestamp":
                return timestamp ?? "";
            case "url":
                return scheme.Url ?? "";
            case "method":
                return message.Method;
            case "form":
                if (message.IsForm && MessageForm.Read(message.Body.Span) is { } fields)
                {
                    return MessageForm.Sorted(fields);
                }

                refusal = "The message is not a form.";
                return null;
        }

        if (!placeholder.StartsWith(MessageValue.HeaderPlaceholder, StringComparison.Ordinal))
        {
            return element is { } start ? MessageElements.TextOf(new MessagePointer(placeholder).Find(start)) ?? "" : "";
        }

        var header = placeholder[MessageValue.HeaderPlaceholder.Length..];
        if (message.Headers(header) is [{ Length: > 0 } only])
        {
            return only;
        }

        refusal = $"The header {header} is missing or given more than once.";
        return null;
    }
}
