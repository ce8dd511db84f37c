using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads how a producer's own messages become events.</summary>
internal static class MappingReader
{
    private const int MaxRemoved = 50;
    private const int MaxTextLength = 1_024;

    private static readonly ImmutableArray<string> Sources = ["pointer", "header", "constant", "template", "hash"];

    private static readonly FrozenSet<string> NoExtensions = FrozenSet.Create(
        StringComparer.Ordinal,
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "dataref", "traceparent", "tracestate");

    /// <summary>Reads <c>messages</c>.</summary>
    /// <param name="messages">The object; null where there is none.</param>
    /// <param name="types">The types that the producer may send; none for every type.</param>
    /// <param name="context">What the reading shares.</param>
    /// <returns>Null where there is none, or it cannot be read.</returns>
    public static MessageMapping? Read(DefinitionObject? messages, ICollection<string> types, DefinitionContext context)
    {
        if (messages is null)
        {
            return null;
        }

        var id = ReadRequired(messages, "id");
        var type = ReadRequired(messages, "type");
        if (id?.Constant is not null)
        {
            messages.Error("id", "With a constant ID, all messages are the same event. Use a pointer or a header.");
        }

        if (type?.Constant is { } constant && types.Count > 0 && !types.Contains(type.Prefix + constant))
        {
            messages.Error("type", $"The type \"{type.Prefix}{constant}\" is not one of the producer's types.");
        }

        var read = new MessageMapping
        {
            Id = id ?? new(),
            Type = type ?? new(),
            Subject = ReadValue(messages.Object("subject"), "subject"),
            Time = ReadValue(messages.Object("time"), "time"),
            DataRef = ReadValue(messages.Object("dataref"), "dataref"),
            Extensions = ReadExtensions(messages.Object("extensions"), context),
            Data = ReadData(messages),
            Each = messages.Text("each", text => text.Length == 0 ? null : DefinitionPointer.CheckPart(text)),
            Form = messages.Text("form", CheckText),
            AcceptedStatus = messages.Number("acceptedStatus", 200, 204) ?? MessageMapping.DefaultAcceptedStatus,
            Remove = messages.Texts("remove", MaxRemoved, DefinitionPointer.CheckPart),
        };
        if (!context.IsStored)
        {
            CheckRemoved(read, messages.Pointer, context);
        }

        messages.Close();
        return id is null || type is null ? null : read;
    }

    // Removal comes first, so a message would have no ID or type.
    private static void CheckRemoved(MessageMapping read, string pointer, DefinitionContext context)
    {
        foreach (var (index, removed) in read.Remove.Index().Where(one => one.Item.Length > 0))
        {
            foreach (var (name, value) in new[] { ("id", read.Id), ("type", read.Type) })
            {
                if (PlacesOf(value).Any(place => place == removed || place.StartsWith(removed + "/", StringComparison.Ordinal)))
                {
                    context.Errors.Add(
                        string.Create(CultureInfo.InvariantCulture, $"{DefinitionPointer.Member(pointer, "remove")}/{index}"),
                        $"Removes {removed}, from which {name} comes, so every message would be refused. Take it out of remove, or map {name} to another value.");
                }
            }
        }
    }

    private static IEnumerable<string> PlacesOf(MessageValue value) => value switch
    {
        { Pointer: { } pointer } => [pointer],
        { Hash: { Length: > 0 } hash } => [hash],
        { Template: { } template } => TextTemplate.Parse(template).Placeholders.Where(place => place.StartsWith('/')),
        _ => [],
    };

    private static MessageValue? ReadRequired(DefinitionObject messages, string name)
    {
        if (!messages.Has(name))
        {
            messages.Error(name, $"Every event has {(name == "id" ? "an" : "a")} {name}. Map it, for example {{ \"pointer\": \"/{name}\" }}.");
        }

        return ReadValue(messages.Object(name), name);
    }

    private static MessageValue? ReadValue(DefinitionObject? value, string attribute)
    {
        if (value is null)
        {
            return null;
        }

        var sources = Sources.Count(value.Has);
        if (sources != 1)
        {
            value.Error(null, "Use exactly one of pointer, header, constant, template and hash.");
        }

        var read = new MessageValue
        {
            Pointer = value.Text("pointer", DefinitionPointer.CheckPart),
            Header = value.Text("header", header => MediaType.IsToken(header) ? null : "Must be a header name."),
            Constant = value.Text("constant", CheckText),
            Template = value.Text("template", CheckTemplate),
            Hash = value.Text("hash", text => text.Length == 0 ? null : DefinitionPointer.CheckPart(text)),
            Prefix = value.Text("prefix", CheckText),
            Format = value.Choice("format", SignatureReader.FormatNames),
            Whole = value.Flag("whole") ?? false,
            Unsigned = value.Flag("unsigned") ?? false,
        };
        if (read.Format is not null && attribute != "time")
        {
            value.Error("format", "Allowed only for time.");
        }

        if (read.Constant is { } constant && AttributeRules.CheckValue(attribute, read.Prefix + constant) is { } wrong)
        {
            value.Error("constant", wrong);
        }

        value.Close();
        return read;
    }

    // What an attribute of no special meaning may hold.
    private static string? CheckText(string text) => text.Length is > 0 and <= MaxTextLength
        ? AttributeRules.CheckValue("", text)
        : $"1 to {MaxTextLength} characters.";

    private static string? CheckTemplate(string text)
    {
        if (CheckText(text) is { } wrong)
        {
            return wrong;
        }

        var placeholders = TextTemplate.Parse(text).Placeholders.ToList();
        var isValid = placeholders.Count > 0 && placeholders.TrueForAll(placeholder =>
            placeholder == MessageValue.HashPlaceholder
            || DefinitionPointer.CheckPart(placeholder) is null
            || (placeholder.StartsWith(MessageValue.HeaderPlaceholder, StringComparison.Ordinal) && MediaType.IsToken(placeholder.AsSpan(MessageValue.HeaderPlaceholder.Length))));
        return isValid ? null : "A template needs placeholders: JSON pointers such as {/id}, {header:NAME} or {hash}.";
    }

    private static ImmutableSortedDictionary<string, MessageValue> ReadExtensions(DefinitionObject? extensions, DefinitionContext context)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, MessageValue>(StringComparer.Ordinal);
        var rest = extensions?.Rest() ?? [];
        if (rest.Count > AttributeRules.MaxExtensions)
        {
            extensions!.Error(null, $"Must have at most {AttributeRules.MaxExtensions} extension attributes.");
        }

        foreach (var (name, json) in rest)
        {
            if ((AttributeRules.CheckName(name) ?? (NoExtensions.Contains(name) ? "Not an extension attribute. Use its own property of the mapping." : null)) is { } wrong)
            {
                extensions!.Error(name, wrong);
            }

            if (ReadValue(DefinitionObject.Open(json, DefinitionPointer.Member(extensions!.Pointer, name), context), name) is { } value)
            {
                read[name] = value;
            }
        }

        return read.ToImmutable();
    }

    private static string? ReadData(DefinitionObject messages)
    {
        if (!messages.TryTake("data", out var json))
        {
            return "";
        }

        var text = json.ValueKind == JsonValueKind.String ? json.GetString()! : null;
        if (json.ValueKind != JsonValueKind.Null && text != "" && (text is null || DefinitionPointer.CheckPart(text) is not null))
        {
            messages.Error("data", "Must be a JSON pointer (RFC 6901), \"\" for the whole message, or null for no data.");
        }

        return text;
    }
}
