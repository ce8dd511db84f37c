namespace EventFunctions.Local.Hosting;

/// <summary>The host cannot start for a reason that the person who starts it can mend: the message says it all.</summary>
/// <param name="message">What is wrong and where; one line per fault.</param>
/// <param name="innerException">What it came from, if anything.</param>
internal sealed class HostStartException(string message, Exception? innerException = null) : Exception(message, innerException);
