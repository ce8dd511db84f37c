namespace EventFunctions.Filters;

/// <summary>What is wrong with a filter, and where.</summary>
/// <param name="Pointer">The JSON pointer (RFC 6901) of the offending value.</param>
/// <param name="Detail">What is wrong with it.</param>
public sealed record FilterError(string Pointer, string Detail);
