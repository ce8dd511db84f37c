using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Finds the values of attributes in one event of a message.</summary>
/// <param name="headers">The message's headers.</param>
/// <param name="element">The event's part of the message.</param>
/// <param name="whole">The message.</param>
/// <param name="signed">The signed bytes, which a hash of the whole covers; null if the whole is signed.</param>
internal sealed class MessageValues(MessageHeaders headers, JsonElement element, JsonElement whole, ReadOnlyMemory<byte>? signed = null)
{
    /// <summary>Finds a value.</summary>
    /// <param name="name">The attribute.</param>
    /// <param name="value">Where it is.</param>
    /// <param name="wrong">What is wrong with it; null if nothing is.</param>
    /// <returns>Null if the message does not have it, or it is wrong.</returns>
    public ExtensionValue? Find(string name, MessageValue value, out string? wrong)
    {
        wrong = null;
        var found = value switch
        {
            { Constant: { } constant } => Text(constant),
            { Header: { } header } => FromHeader(header, out wrong),
            { Template: { } template } => FromTemplate(template, Start(value), out wrong),
            { Hash: { } hash } => HashOf(hash, Start(value)) is { } hex ? Text(hex) : null,
            { Pointer: { } pointer } => FromPointer(pointer, Start(value), out wrong),
            _ => (ExtensionValue?)null,
        };
        if (found is not { } plain)
        {
            return null;
        }

        if (value.Format is { } format)
        {
            wrong = MessageTime.ToRfc3339(plain.Value, format) is { } time ? null : $"Must be a time in {NameOf(format)}.";
            return wrong is null ? Text(MessageTime.ToRfc3339(plain.Value, format)!) : null;
        }

        // Only extension attributes have types; what has a prefix is text.
        return value.Prefix is { Length: > 0 } || MessagePlaces.IsKnown(name) ? Text(value.Prefix + plain.Value) : plain;
    }

    private static string NameOf(TimeFormat format) => format == TimeFormat.Milliseconds ? "Unix milliseconds" : "Unix seconds";

    private JsonElement Start(MessageValue value) => value.Whole ? whole : element;

    private ExtensionValue? FromHeader(string name, out string? wrong)
    {
        var values = headers(name);
        wrong = values.Count > 1 ? "Given more than once." : null;
        return values is [{ } only] ? Text(only) : null;
    }

    private static ExtensionValue? FromPointer(string pointer, JsonElement start, out string? wrong)
    {
        wrong = null;
        if (new MessagePointer(pointer).Find(start) is not { } found)
        {
            return null;
        }

        switch (found.ValueKind)
        {
            case JsonValueKind.Null:
                // The same as absent, as in CloudEvents.
                return null;
            case JsonValueKind.Number:
                return found.TryGetInt32(out var number)
                    ? new(ExtensionType.Integer, number.ToString(CultureInfo.InvariantCulture))
                    : Text(found.GetRawText());
            case JsonValueKind.True or JsonValueKind.False:
                return new(ExtensionType.Boolean, found.GetBoolean() ? "true" : "false");
            case JsonValueKind.String:
                return Text(found.GetString()!);
            default:
                wrong = "Must be a string, a number or a boolean.";
                return null;
        }
    }

    private ExtensionValue? FromTemplate(string template, JsonElement start, out string? wrong)
    {
        wrong = null;
        var filled = new StringBuilder();
        foreach (var (text, isPlaceholder) in TextTemplate.Parse(template).Parts)
        {
            var part = !isPlaceholder ? Text(text)
                : text == MessageValue.HashPlaceholder ? HashOf("", start) is { } hash ? Text(hash) : null
                : text.StartsWith(MessageValue.HeaderPlaceholder, StringComparison.Ordinal) ? FromHeader(text[MessageValue.HeaderPlaceholder.Length..], out wrong)
                : FromPointer(text, start, out wrong);
            if (part is not { } known)
            {
                wrong ??= isPlaceholder ? $"The message has no value for {{{text}}}." : null;
                return null;
            }

            filled.Append(known.Value);
        }

        return Text(filled.ToString());
    }

    private string? HashOf(string pointer, JsonElement start)
    {
        if (pointer.Length == 0 && signed is { } content)
        {
            return Convert.ToHexStringLower(SHA256.HashData(content.Span));
        }

        if (new MessagePointer(pointer).Find(start) is not { } found)
        {
            return null;
        }

        var json = Encoding.UTF8.GetBytes(found.GetRawText());
        using var canonical = new CanonicalBuffer(json.Length);
        CanonicalJson.Write(json, canonical);
        return Convert.ToHexStringLower(SHA256.HashData(canonical.Written));
    }

    private static ExtensionValue Text(string value) => new(ExtensionType.Text, value);
}
