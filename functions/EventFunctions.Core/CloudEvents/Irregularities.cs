namespace EventFunctions.CloudEvents;

/// <summary>
/// Finds the optional attributes of an accepted event that break a rule of CloudEvents' syntax. The record keeps them as they came;
/// the event is published so that consumers' readers accept it.
/// </summary>
internal static class Irregularities
{
    /// <summary>Returns one sentence for each irregular attribute; empty for nearly every event.</summary>
    public static IReadOnlyList<string> Of(EventNotification notification)
    {
        var found = new List<string>();
        if (notification.Time is { } time && EventTime.TryParse(time) is { IsRegular: false })
        {
            found.Add("\"time\" is published with T and Z in capitals and without a leap second.");
        }

        if (notification.DataSchema is { } schema && AttributeRules.CheckSyntax("dataschema", schema) is { } wrong)
        {
            found.Add($"\"dataschema\" is kept as it came. {wrong}");
        }

        foreach (var (name, value) in notification.Extensions)
        {
            if (AttributeRules.IsTolerated(name))
            {
                found.Add($"\"{name}\" is kept, but not published. {AttributeRules.CheckName(name)}");
            }
            else if (AttributeRules.CheckSyntax(name, value.Value) is { } badValue)
            {
                found.Add($"\"{name}\" is kept as it came. {badValue}");
            }
        }

        return found;
    }

    /// <summary>Returns the event as it is published: readers of CloudEvents reject a whole event for a name or a time.</summary>
    public static EventNotification Published(EventNotification notification)
    {
        var published = notification;
        if (notification.Time is { } time && EventTime.TryParse(time) is { IsRegular: false } irregular)
        {
            published = published with { Time = irregular.Regular };
        }

        string[] names = [.. notification.Extensions.Keys.Where(AttributeRules.IsTolerated)];
        return names.Length == 0 ? published : published with { Extensions = published.Extensions.RemoveRange(names) };
    }
}
