using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using EventFunctions.Filters;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Reads published events without changing their bytes: required members must exist, members that the service reads must have the right
/// type, and everything must be JSON. Error messages are the service's if those are known.
/// </summary>
internal ref struct EventParser
{
    // Deeper than any event that has a payload of depth 64, in an envelope, in an array.
    private const int MaxDepth = 128;

    private static readonly SearchValues<byte> ExtensionLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789"u8);

    private readonly EventSchema _schema;
    private readonly string _topicId;
    private readonly List<GridEvent> _events = [];
    private readonly List<string> _extensions = [];
    private Utf8JsonReader _reader;

    private EventParser(ReadOnlySpan<byte> body, EventSchema schema, string topicId)
    {
        _schema = schema;
        _topicId = topicId;
        _reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    private readonly string SchemaName => _schema == EventSchema.CloudEvents ? "CloudEventV10" : "EventGridEvent";

    /// <summary>Reads the events of a request.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="schema">What the topic takes in.</param>
    /// <param name="form">Whether the body has to be an array, must not be one, or may be either.</param>
    /// <param name="topicId">The topic's resource ID, the only <c>topic</c> that events may name.</param>
    /// <exception cref="RefusedPublicationException">The body is not such events.</exception>
    public static List<GridEvent> Parse(ReadOnlySpan<byte> body, EventSchema schema, BodyForm form, string topicId)
    {
        if (!Utf8.IsValid(body))
        {
            throw RefusedPublicationException.Invalid("The request body is not valid UTF-8.");
        }

        var parser = new EventParser(body, schema, topicId);
        try
        {
            parser.ParseBody(form);
        }
        catch (JsonException e)
        {
            throw RefusedPublicationException.Invalid($"The request body is not valid JSON. {JsonFault.Explain(e)}");
        }
        catch (InvalidOperationException e)
        {
            // An escape sequence in a name or value that is no character.
            throw RefusedPublicationException.Invalid($"The request body is not valid JSON: {e.Message}");
        }

        return parser._events;
    }

    private void ParseBody(BodyForm form)
    {
        _reader.Read();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray when form != BodyForm.Single:
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    ParseEvent();
                }

                break;
            case JsonTokenType.StartObject when form != BodyForm.Array:
                ParseEvent();
                break;
            default:
                throw NotConforming();
        }

        if (_events.Count == 0)
        {
            throw NotConforming();
        }

        // What follows the events is not JSON.
        _reader.Read();
    }

    private void ParseEvent()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw NotConforming();
        }

        var start = (int)_reader.TokenStartIndex;
        var given = EventMembers.None;
        var unset = EventMembers.None;
        var type = "";
        string? subject = null;
        _extensions.Clear();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = _schema == EventSchema.CloudEvents ? CloudEventsMember() : EventGridMember();
            CheckName(member, given | unset);
            _reader.Read();
            if (CheckMember(member))
            {
                given |= member;
                type = member == EventMembers.Type ? _reader.GetString()! : type;
                subject = member == EventMembers.Subject ? _reader.GetString() : subject;
            }
            else
            {
                unset |= member;
            }

            _reader.Skip();
        }

        CheckRequired(given);
        _events.Add(new GridEvent(start, (int)_reader.BytesConsumed, type, subject, given, unset));
    }

    // The Event Grid schema has no other members; CloudEvents has extensions, whose names the specification limits (§3.1).
    private readonly void CheckName(EventMembers member, EventMembers seen)
    {
        if (member == EventMembers.None)
        {
            if (_schema == EventSchema.EventGrid || _reader.ValueSpan.ContainsAnyExcept(ExtensionLetters) || _reader.ValueSpan.IsEmpty)
            {
                throw RefusedPublicationException.Invalid(
                    $"This resource is configured for '{SchemaName}' schema. Received unexpected property '{_reader.GetString()}' in JSON which does not conform to the expected schema.");
            }

            var name = _reader.GetString()!;
            if (!_extensions.Contains(name))
            {
                _extensions.Add(name);
                return;
            }
        }

        if (member == EventMembers.None || (seen & member) != 0)
        {
            throw RefusedPublicationException.Invalid($"The property '{_reader.GetString()}' is there more than once.");
        }
    }

    private readonly EventMembers CloudEventsMember() => _reader switch
    {
        _ when _reader.ValueTextEquals("id"u8) => EventMembers.Id,
        _ when _reader.ValueTextEquals("source"u8) => EventMembers.Source,
        _ when _reader.ValueTextEquals("type"u8) => EventMembers.Type,
        _ when _reader.ValueTextEquals("specversion"u8) => EventMembers.SpecVersion,
        _ when _reader.ValueTextEquals("subject"u8) => EventMembers.Subject,
        _ when _reader.ValueTextEquals("time"u8) => EventMembers.Time,
        _ when _reader.ValueTextEquals("data"u8) => EventMembers.Data,
        _ when _reader.ValueTextEquals("data_base64"u8) => EventMembers.DataBase64,
        _ => EventMembers.None,
    };

    private readonly EventMembers EventGridMember() => _reader switch
    {
        _ when _reader.ValueTextEquals("id"u8) => EventMembers.Id,
        _ when _reader.ValueTextEquals("eventType"u8) => EventMembers.Type,
        _ when _reader.ValueTextEquals("subject"u8) => EventMembers.Subject,
        _ when _reader.ValueTextEquals("eventTime"u8) => EventMembers.Time,
        _ when _reader.ValueTextEquals("data"u8) => EventMembers.Data,
        _ when _reader.ValueTextEquals("dataVersion"u8) => EventMembers.DataVersion,
        _ when _reader.ValueTextEquals("metadataVersion"u8) => EventMembers.MetadataVersion,
        _ when _reader.ValueTextEquals("topic"u8) => EventMembers.Topic,
        _ => EventMembers.None,
    };

    // Whether the member counts as given: null and, where it is required, empty do not.
    private readonly bool CheckMember(EventMembers member)
    {
        if (member is EventMembers.None or EventMembers.Data)
        {
            return member != EventMembers.None;
        }

        if (_reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        if (_reader.TokenType != JsonTokenType.String)
        {
            throw RefusedPublicationException.Invalid($"This resource is configured for '{SchemaName}' schema and requires '{NameOf(member)}' property to be a string.");
        }

        switch (member)
        {
            case EventMembers.SpecVersion when !_reader.ValueTextEquals("1.0"u8):
                throw RefusedPublicationException.Invalid("The 'specversion' property must be '1.0'.");
            case EventMembers.MetadataVersion when !_reader.ValueTextEquals("1"u8):
                throw RefusedPublicationException.Invalid("The 'metadataVersion' property must be '1' or left out.");
            case EventMembers.Topic when !_reader.ValueTextEquals("") && !_reader.ValueTextEquals(_topicId):
                throw RefusedPublicationException.Invalid($"The 'topic' property must be '{_topicId}' or left out.");
            case EventMembers.Time when !IsTime(_reader.GetString()!):
                throw RefusedPublicationException.Invalid($"The '{NameOf(member)}' property is not a date and time.");
            default:
                return member is EventMembers.DataVersion or EventMembers.DataBase64 || !_reader.ValueTextEquals("");
        }
    }

    private readonly void CheckRequired(EventMembers given)
    {
        ReadOnlySpan<EventMembers> required = _schema == EventSchema.CloudEvents
            ? [EventMembers.SpecVersion, EventMembers.Id, EventMembers.Source, EventMembers.Type]
            : [EventMembers.Subject, EventMembers.Id, EventMembers.Type, EventMembers.Time];
        foreach (var member in required)
        {
            if ((given & member) == 0)
            {
                throw RefusedPublicationException.Invalid(
                    $"This resource is configured for '{SchemaName}' schema and requires '{NameOf(member)}' property to be set.");
            }
        }

        if ((given & (EventMembers.Data | EventMembers.DataBase64)) == (EventMembers.Data | EventMembers.DataBase64))
        {
            throw RefusedPublicationException.Invalid("An event may have 'data' or 'data_base64', not both.");
        }
    }

    private readonly string NameOf(EventMembers member) => (member, _schema) switch
    {
        (EventMembers.Type, EventSchema.EventGrid) => "eventType",
        (EventMembers.Time, EventSchema.EventGrid) => "eventTime",
        (EventMembers.DataBase64, _) => "data_base64",
        (EventMembers.DataVersion, _) => "dataVersion",
        (EventMembers.MetadataVersion, _) => "metadataVersion",
        _ => member.ToString().ToLowerInvariant(),
    };

    private static bool IsTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private readonly RefusedPublicationException NotConforming() => RefusedPublicationException.Invalid(
        $"This resource is configured to receive event in '{SchemaName}' schema. The JSON received does not conform to the expected schema.");
}

/// <summary>What the body of a publication may be.</summary>
internal enum BodyForm
{
    /// <summary>One event.</summary>
    Single,

    /// <summary>An array of events.</summary>
    Array,

    /// <summary>Either.</summary>
    Any,
}
