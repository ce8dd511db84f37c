namespace EventFunctions.Fuzzing;

/// <summary>Thrown when a reader returns something that it promises not to.</summary>
/// <param name="promise">The promise.</param>
internal sealed class BrokenPromiseException(string promise) : Exception(promise)
{
    /// <summary>Throws if a promise is broken.</summary>
    public static void ThrowUnless(bool isKept, string promise)
    {
        if (!isKept)
        {
            throw new BrokenPromiseException(promise);
        }
    }
}
