using CloudNative.CloudEvents.Http;

namespace EventFunctions.CloudEvents;

/// <summary>Reads an event in the binary mode of CloudEvents' HTTP binding (§3.1).</summary>
internal static class BinaryEventReader
{
    public static EventNotification? Read(
        IEnumerable<KeyValuePair<string, string>> headers, string? contentType, ReadOnlySpan<byte> body, JsonPath path, ErrorList errors)
    {
        var draft = new EventDraft(path, errors);
        foreach (var (header, value) in headers)
        {
            var name = HttpUtilities.GetAttributeNameFromHeaderName(header)
                ?? throw new ArgumentException($"{header} does not name an attribute.", nameof(headers));
            if (draft.TryEnter(name))
            {
                ReadAttribute(draft, name, value);
            }
        }

        if (contentType is not null)
        {
            draft.Set("datacontenttype", new ExtensionValue(ExtensionType.Text, contentType));
        }

        return draft.Finish(ReadContent(draft, body, path, errors), needsSpecVersion: true);
    }

    private static void ReadAttribute(EventDraft draft, string name, string value)
    {
        if (name == "datacontenttype")
        {
            draft.AddError(name, "In binary mode, send it in the header Content-Type.");
            return;
        }

        try
        {
            draft.Set(name, new ExtensionValue(ExtensionType.Text, HttpUtilities.DecodeHeaderValue(value)));
        }
        catch (ArgumentException)
        {
            draft.Reject(name, "The header's value is not percent-encoded UTF-8 (CloudEvents HTTP binding §3.1.3.2).");
        }
    }

    private static EventContent? ReadContent(EventDraft draft, ReadOnlySpan<byte> body, JsonPath path, ErrorList errors)
    {
        if (body.IsEmpty)
        {
            return null;
        }

        if (draft.ContentType is not { IsJson: true })
        {
            return TextContent.Of(draft.ContentType, body.ToArray());
        }

        path.Push("data");
        var content = JsonContent.Read(body, path, errors);
        path.Pop();
        return content;
    }
}
