namespace EventFunctions.Publication;

/// <summary>What the relay came to.</summary>
/// <param name="Taken">How many events Event Grid took.</param>
/// <param name="PutOff">How many were put off, because Event Grid did not take them now.</param>
/// <param name="Unpublishable">How many Event Grid will never take.</param>
internal readonly record struct RelayTick(int Taken, int PutOff, int Unpublishable)
{
    /// <summary>Both together.</summary>
    /// <param name="other">The other.</param>
    public RelayTick Plus(RelayTick other) =>
        new(Taken + other.Taken, PutOff + other.PutOff, Unpublishable + other.Unpublishable);
}
