namespace EventFunctions.Filters;

/// <summary>An error in a filter, and its place.</summary>
/// <param name="Pointer">The JSON pointer (RFC 6901) of the offending value.</param>
/// <param name="Detail">What is wrong with it.</param>
public sealed record FilterError(string Pointer, string Detail);
