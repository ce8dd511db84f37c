using System.Collections.Immutable;

namespace EventFunctions.CloudEvents;

/// <summary>Collects the attributes of an event in any order, checks each, and reports the missing ones at the end.</summary>
internal sealed class EventDraft(JsonPath path, ErrorList errors)
{
    private readonly HashSet<string> _names = new(16, StringComparer.Ordinal);
    private readonly int _errorsBefore = errors.Count;
    private ImmutableSortedDictionary<string, ExtensionValue>.Builder? _extensions;
    private string? _specVersion;
    private string? _id;
    private string? _source;
    private string? _type;
    private string? _subject;
    private string? _time;
    private string? _dataSchema;
    private string? _dataRef;
    private string? _traceParent;
    private string? _traceState;

    /// <summary>The <c>datacontenttype</c>, if it is a media type.</summary>
    public MediaType? ContentType { get; private set; }

    /// <summary>The <c>datacontenttype</c> as sent.</summary>
    public string? DataContentType { get; private set; }

    /// <summary>Adds an error in a member.</summary>
    public void AddError(string name, string detail)
    {
        path.Push(name);
        errors.Add(path, detail);
        path.Pop();
    }

    /// <summary>Notes that a member is there; false where it was there already.</summary>
    public bool TryEnter(string name)
    {
        if (_names.Add(name))
        {
            return true;
        }

        AddError(name, "The name occurs more than once in its object.");
        return false;
    }

    /// <summary>Sets an attribute.</summary>
    public void Set(string name, ExtensionValue value)
    {
        if ((AttributeRules.Refuse(name) ?? AttributeRules.Refuse(name, value.Value)) is { } error)
        {
            Reject(name, error);
            return;
        }

        if (SetKnown(name, value.Value))
        {
            if (value.Type != ExtensionType.Text)
            {
                AddError(name, "Must be a string.");
            }

            return;
        }

        _extensions ??= EventNotification.NoExtensions.ToBuilder();
        _extensions[name] = value;
        if (_extensions.Count == AttributeRules.MaxExtensions + 1)
        {
            errors.Add(path, $"Must have at most {AttributeRules.MaxExtensions} extension attributes.");
        }
    }

    /// <summary>Notes that an attribute is there, but wrong.</summary>
    public void Reject(string name, string detail)
    {
        AddError(name, detail);
        SetKnown(name, "");
    }

    /// <summary>The event, or null where anything was wrong with it.</summary>
    /// <param name="data">Its payload.</param>
    /// <param name="needsSpecVersion">Whether <c>specversion</c> is required.</param>
    public EventNotification? Finish(EventContent? data, bool needsSpecVersion)
    {
        if (needsSpecVersion)
        {
            Require("specversion", _specVersion);
        }

        Require("id", _id);
        Require("source", _source);
        Require("type", _type);
        return errors.Count > _errorsBefore ? null : new EventNotification
        {
            Id = _id!,
            Source = _source!,
            Type = _type!,
            Subject = _subject,
            Time = _time,
            DataContentType = DataContentType,
            DataSchema = _dataSchema,
            DataRef = _dataRef,
            TraceParent = _traceParent,
            TraceState = _traceState,
            Extensions = _extensions?.ToImmutable() ?? EventNotification.NoExtensions,
            Data = data,
        };
    }

    private void Require(string name, string? value)
    {
        if (value is null)
        {
            AddError(name, name == "type" && _names.Contains("eventType") ? $"The attribute is required. {EventReader.EventGridSchemaAdvice}" : "The attribute is required.");
        }
    }

    private bool SetKnown(string name, string value)
    {
        switch (name)
        {
            case "specversion": _specVersion = value; return true;
            case "id": _id = value; return true;
            case "source": _source = value; return true;
            case "type": _type = value; return true;
            case "subject": _subject = value; return true;
            case "time": _time = value; return true;
            case "dataschema": _dataSchema = value; return true;
            case "dataref": _dataRef = value; return true;
            case "traceparent": _traceParent = value; return true;
            case "tracestate": _traceState = value; return true;
            case "datacontenttype":
                DataContentType = value;
                ContentType = MediaType.TryParse(value);
                return true;
            default:
                return false;
        }
    }
}
