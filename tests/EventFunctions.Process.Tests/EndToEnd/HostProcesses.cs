namespace EventFunctions.Tests.EndToEnd;

/// <summary>Tests that run the host as a process do so one after the other: each wants the machine for itself.</summary>
[CollectionDefinition(Name)]
public sealed class HostProcesses
{
    public const string Name = "Host processes";
}
