using System.Text;
using EventFunctions.Filters;

namespace EventFunctions.CloudEvents;

/// <summary>Lets filters see an <see cref="EventNotification"/>: its attributes by name, its payload as <c>data</c>.</summary>
/// <param name="notification">The event.</param>
internal readonly struct NotificationFilterView(EventNotification notification) : IFilterableEvent
{
    /// <inheritdoc/>
    public FilterValue Find(FilterKey key)
    {
        if (key.IsData)
        {
            return FindInData(key);
        }

        if (!key.IsAttribute)
        {
            return default;
        }

        var value = FindAttribute(key.Attribute);
        return value.Kind == FilterValueKind.Undefined && key.Alias is { } alias ? FindAttribute(alias) : value;
    }

    private FilterValue FindInData(FilterKey key) => notification.Data switch
    {
        { Kind: ContentKind.Json, Bytes: var json } => key.FindInData(json),
        { Kind: ContentKind.Text, Bytes: var text } when key.IsAttribute => FilterValue.FromText(Encoding.UTF8.GetString(text.Span)),
        _ => default,
    };

    // CloudEvents' names are lower case; the service takes them in any.
    private FilterValue FindAttribute(string name) => name.ToLowerInvariant() switch
    {
        "id" => FilterValue.FromText(notification.Id),
        "source" => FilterValue.FromText(notification.Source),
        "type" => FilterValue.FromText(notification.Type),
        "specversion" => FilterValue.FromText("1.0"),
        "subject" => FilterValue.FromText(notification.Subject),
        "time" => FilterValue.FromText(notification.Time),
        "datacontenttype" => FilterValue.FromText(notification.DataContentType),
        "dataschema" => FilterValue.FromText(notification.DataSchema),
        "dataref" => FilterValue.FromText(notification.DataRef),
        "traceparent" => FilterValue.FromText(notification.TraceParent),
        "tracestate" => FilterValue.FromText(notification.TraceState),
        var extension => notification.Extensions.TryGetValue(extension, out var value) ? OfExtension(value) : default,
    };

    private static FilterValue OfExtension(ExtensionValue value) => value.Type == ExtensionType.Text
        ? FilterValue.FromText(value.Value)
        : FilterValue.FromJson(Encoding.UTF8.GetBytes(value.Value)).AsAttribute();
}
