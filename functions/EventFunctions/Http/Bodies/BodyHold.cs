namespace EventFunctions.Http;

/// <summary>The part of a budget that one request holds until this is disposed.</summary>
internal sealed class BodyHold(BodyBudget budget) : IDisposable
{
    // Thin notifications get through however many large bodies are waiting.
    private const int FreeBytes = 16_384;

    private long _taken;

    /// <summary>The budget.</summary>
    public BodyBudget Budget => budget;

    /// <summary>Holds the bytes that the request has so far; false if there is no room.</summary>
    public bool TryGrow(long bytes)
    {
        var more = bytes - FreeBytes - _taken;
        if (more <= 0)
        {
            return true;
        }

        if (!budget.TryTake(more))
        {
            return false;
        }

        _taken += more;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        budget.TryTake(-_taken);
        _taken = 0;
    }
}
