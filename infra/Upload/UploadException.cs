namespace EventFunctions.Infra.Upload;

/// <summary>The code cannot be deployed, or does not start. The message says what to do.</summary>
/// <param name="message">One line.</param>
internal sealed class UploadException(string message) : Exception(message);
