using EventFunctions.Settings;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads for how long an old secret or key is valid beside the new one.</summary>
internal static class OverlapText
{
    /// <summary>Reads a length of time.</summary>
    /// <param name="text">A duration.</param>
    /// <param name="max">The longest that may be asked for.</param>
    /// <returns>Null if the text is no such length.</returns>
    public static TimeSpan? Parse(string text, TimeSpan max) =>
        DurationText.Parse(text) is { } length && length >= TimeSpan.Zero && length <= max ? length : null;
}
