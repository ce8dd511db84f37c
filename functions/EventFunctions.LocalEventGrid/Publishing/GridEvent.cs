namespace EventFunctions.Local.EventGrid;

/// <summary>What routing needs to know of one published event, and where in the request it is.</summary>
/// <param name="Start">Where the event's object begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Type"><c>type</c> or <c>eventType</c>.</param>
/// <param name="Subject"><c>subject</c>, if any.</param>
/// <param name="Given">Which members the event has.</param>
/// <param name="Unset">Which members are there with null or an empty text, and do not count as given.</param>
internal readonly record struct GridEvent(int Start, int End, string Type, string? Subject, EventMembers Given, EventMembers Unset);

/// <summary>The members of events that the service looks at.</summary>
[Flags]
internal enum EventMembers
{
    None = 0,
    SpecVersion = 1,
    Id = 2,
    Source = 4,
    Type = 8,
    Subject = 16,
    Time = 32,
    Data = 64,
    DataBase64 = 128,
    Topic = 256,
    DataVersion = 512,
    MetadataVersion = 1024,
}
