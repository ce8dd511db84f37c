using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Publication;

/// <summary>Creates events of the service's own.</summary>
internal static class OwnEvent
{
    /// <summary>Creates an event whose data is a JSON object.</summary>
    /// <param name="id">The event's ID.</param>
    /// <param name="type">One of the service's own types.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="time">The time, in the spelling of <see cref="UtcMilliseconds"/>.</param>
    /// <param name="writeMembers">Writes the members of the data.</param>
    public static EventNotification Create(string id, string type, string subject, string time, Action<Utf8JsonWriter> writeMembers) => new()
    {
        Id = id,
        Source = ReservedNames.OwnSource,
        Type = type,
        Subject = subject,
        Time = time,
        DataContentType = "application/json",
        Data = new EventContent(ContentKind.Json, JsonObjectBytes.Write(writeMembers)),
    };
}
