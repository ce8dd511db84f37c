using Microsoft.Extensions.Logging;

namespace EventFunctions.Records;

/// <summary>Logs refusals.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the lines.</param>
public sealed class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger) : CauseLog(time, logger, "Refused");
