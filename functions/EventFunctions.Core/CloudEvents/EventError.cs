namespace EventFunctions.CloudEvents;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901) as a URI fragment, such as <c>#/3/source</c>; <c>#</c> is the whole.</param>
/// <param name="Detail">What is wrong and what would be right.</param>
public sealed record EventError(string Pointer, string Detail);
