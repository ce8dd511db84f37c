namespace EventFunctions.Intake.Refusals;

/// <summary>Limits how many refusals an instance keeps in an hour: a sender in a loop must not fill the store.</summary>
internal sealed class RefusalLimit(TimeProvider time)
{
    /// <summary>The most refusals of one producer.</summary>
    public const int MaxPerHour = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _kept = new(StringComparer.Ordinal);
    private DateTimeOffset _until;

    /// <summary>Returns how many of some refusals may be kept.</summary>
    /// <param name="list">Where they would be kept.</param>
    /// <param name="count">How many there are.</param>
    public int Take(string list, int count)
    {
        lock (_gate)
        {
            if (time.GetUtcNow() is var now && now >= _until)
            {
                _kept.Clear();
                _until = now + TimeSpan.FromHours(1);
            }

            var kept = _kept.GetValueOrDefault(list);
            var taken = Math.Min(count, MaxPerHour - kept);
            _kept[list] = kept + taken;
            return taken;
        }
    }
}
