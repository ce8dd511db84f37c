namespace EventFunctions.Tests.Guides;

/// <summary>A block of code of a page.</summary>
/// <param name="Page">The page's path.</param>
/// <param name="Line">The line that it begins in.</param>
/// <param name="NotRun">Why no test runs it; null if one does.</param>
internal sealed record CodeBlock(string Page, int Line, string Language, string Code, string? NotRun);
