namespace EventFunctions.Sqlite;

/// <summary>Thrown when another user of the machine can change a file or folder that the service relies on.</summary>
/// <param name="message">One line: what is wrong, and the command that mends it.</param>
public sealed class UnsafeFileException(string message) : IOException(message);
