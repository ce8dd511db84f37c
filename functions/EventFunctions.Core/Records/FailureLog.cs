using Microsoft.Extensions.Logging;

namespace EventFunctions.Records;

/// <summary>Logs events that failed, and producers that cannot be reached.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the lines.</param>
public sealed class FailureLog(TimeProvider time, ILogger<FailureLog> logger) : CauseLog(time, logger, "Failed");
