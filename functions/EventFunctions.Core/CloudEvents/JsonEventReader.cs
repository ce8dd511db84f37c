using System.Globalization;
using System.Text.Json;
using EventFunctions.Filters;

namespace EventFunctions.CloudEvents;

/// <summary>Reads events in CloudEvents' JSON format, and reads the bytes only once.</summary>
internal ref struct JsonEventReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = StrictJson.MaxDepth };

    private readonly ContentMode _mode;
    private readonly ReadOnlySpan<byte> _body;
    private readonly JsonPath _path;
    private readonly ErrorList _errors;
    private readonly List<EventNotification> _events = [];
    private Utf8JsonReader _reader;

    public JsonEventReader(ContentMode mode, ReadOnlySpan<byte> body, JsonPath path, ErrorList errors)
    {
        _mode = mode;
        _body = body;
        _path = path;
        _errors = errors;
        _reader = new Utf8JsonReader(body, Options);
    }

    public List<EventNotification> Read()
    {
        try
        {
            _reader.Read();
            if (_mode == ContentMode.Batch)
            {
                ReadBatch();
            }
            else
            {
                ReadEvent();
            }

            // Finds what follows the value.
            _reader.Read();
        }
        catch (JsonException e)
        {
            _path.ReturnTo(0);
            _errors.Add(_path, JsonFault.Explain(_body, e));
        }

        return _events;
    }

    private void ReadBatch()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            _errors.Add(_path, "A batch must be an array of events.");
            _reader.Skip();
            return;
        }

        var count = 0;
        _path.Push(0);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (count++ < EventReader.MaxBatch)
            {
                ReadEvent();
                _path.MoveNext();
            }
            else
            {
                _reader.Skip();
            }
        }

        _path.Pop();
        if (count > EventReader.MaxBatch)
        {
            _errors.Add(_path, $"A batch may have at most {EventReader.MaxBatch} events; this one has {count}.");
        }
    }

    private void ReadEvent()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _errors.Add(_path, _mode == ContentMode.Batch || _reader.TokenType != JsonTokenType.StartArray
                ? "An event must be a JSON object."
                : "An event must be a JSON object. Send an array of events as application/cloudevents-batch+json.");
            _reader.Skip();
            return;
        }

        var draft = new EventDraft(_path, _errors);
        var data = default(JsonSlice);
        var base64 = default(JsonSlice);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = ReadName();
            if (name is null || !draft.TryEnter(name))
            {
                _reader.Skip();
                continue;
            }

            _reader.Read();
            switch (name)
            {
                case "data":
                    data = TakeSlice(name);
                    break;
                case "data_base64" when _reader.TokenType != JsonTokenType.Null:
                    base64 = TakeSlice(name);
                    break;
                default:
                    ReadAttribute(draft, name);
                    break;
            }
        }

        if (draft.Finish(ReadContent(draft, data, base64), needsSpecVersion: _mode != ContentMode.Plain) is { } notification)
        {
            _events.Add(notification);
        }
    }

    // The names that nearly every event has cost no allocation.
    private string? ReadName()
    {
        if (!_reader.ValueIsEscaped)
        {
            var name = _reader.ValueSpan;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): return "id";
                case 4 when name.SequenceEqual("type"u8): return "type";
                case 4 when name.SequenceEqual("time"u8): return "time";
                case 4 when name.SequenceEqual("data"u8): return "data";
                case 6 when name.SequenceEqual("source"u8): return "source";
                case 7 when name.SequenceEqual("subject"u8): return "subject";
                case 7 when name.SequenceEqual("dataref"u8): return "dataref";
                case 11 when name.SequenceEqual("specversion"u8): return "specversion";
                case 15 when name.SequenceEqual("datacontenttype"u8): return "datacontenttype";
                default: break;
            }
        }

        if (StrictJson.TryGetString(ref _reader, out var text))
        {
            return text;
        }

        _errors.Add(_path, "A name contains an unpaired surrogate.");
        return null;
    }

    private JsonSlice TakeSlice(string name)
    {
        var start = (int)_reader.TokenStartIndex;
        var token = _reader.TokenType;
        _path.Push(name);
        StrictJson.Check(ref _reader, _path, _errors);
        _path.Pop();
        return new JsonSlice(token, start, (int)_reader.BytesConsumed - start);
    }

    private void ReadAttribute(EventDraft draft, string name)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.Null:
                // The same as absent (JSON format §2.3).
                break;
            case JsonTokenType.String when StrictJson.TryGetString(ref _reader, out var text):
                draft.Set(name, new ExtensionValue(ExtensionType.Text, text));
                break;
            case JsonTokenType.String:
                draft.Reject(name, "An unpaired surrogate is not allowed.");
                break;
            case JsonTokenType.True or JsonTokenType.False:
                draft.Set(name, new ExtensionValue(ExtensionType.Boolean, _reader.TokenType == JsonTokenType.True ? "true" : "false"));
                break;
            case JsonTokenType.Number when _reader.TryGetInt32(out var number):
                draft.Set(name, new ExtensionValue(ExtensionType.Integer, number.ToString(CultureInfo.InvariantCulture)));
                break;
            default:
                draft.Reject(name, "The value of an attribute must be a string, a boolean or a 32-bit integer.");
                _reader.Skip();
                break;
        }
    }

    // Which kind of content it is depends on datacontenttype, which may come after the data.
    private readonly EventContent? ReadContent(EventDraft draft, JsonSlice data, JsonSlice base64)
    {
        if (base64.Length > 0)
        {
            if (data.Length > 0)
            {
                draft.AddError("data_base64", "The event has both data and data_base64. Send only one of them.");
                return null;
            }

            return ReadBase64(draft, base64);
        }

        if (data.Length == 0)
        {
            return null;
        }

        if (draft.DataContentType is not null && draft.ContentType is null)
        {
            // Has been reported, and leaves open what the data is.
            return null;
        }

        var raw = _body.Slice(data.Start, data.Length);
        if (draft.DataContentType is null || draft.ContentType is { IsJson: true })
        {
            return new EventContent(ContentKind.Json, raw.ToArray());
        }

        if (data.Token != JsonTokenType.String)
        {
            draft.AddError("data", "If datacontenttype is not JSON, data must be a string. Send bytes in data_base64.");
            return null;
        }

        return new EventContent(ContentKind.Text, Unescape(raw));
    }

    private readonly EventContent? ReadBase64(EventDraft draft, JsonSlice base64)
    {
        var text = base64.Token == JsonTokenType.String ? Unescape(_body.Slice(base64.Start, base64.Length)) : null;
        var bytes = text is null ? null : StrictBase64.TryDecode(text);
        if (bytes is null)
        {
            draft.AddError("data_base64", "Must be a base64 string (RFC 4648 §4).");
            return null;
        }

        return draft.ContentType is { IsJson: true } && JsonContent.TryRead(bytes) is { } json
            ? json
            : TextContent.Of(draft.ContentType, bytes);
    }

    // The text of a string token, in UTF-8; what half a surrogate pair leaves has been reported by then.
    private static byte[] Unescape(ReadOnlySpan<byte> token)
    {
        var content = token[1..^1];
        if (!content.Contains((byte)'\\'))
        {
            return content.ToArray();
        }

        var reader = new Utf8JsonReader(token);
        reader.Read();
        var buffer = new byte[content.Length];
        try
        {
            return buffer[..reader.CopyString(buffer)];
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    private readonly record struct JsonSlice(JsonTokenType Token, int Start, int Length);
}
