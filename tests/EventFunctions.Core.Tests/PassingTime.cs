using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests;

internal static class PassingTime
{
    /// <summary>Lets time pass, a millisecond at a time, until work is done whose pauses it would otherwise wait for.</summary>
    public static async Task<T> PassDuringAsync<T>(this FakeTimeProvider time, Task<T> work)
    {
        while (!work.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        return await work;
    }

    /// <inheritdoc cref="PassDuringAsync{T}"/>
    public static Task PassDuringAsync(this FakeTimeProvider time, Task work) => time.PassDuringAsync(Done(work));

    private static async Task<bool> Done(Task work)
    {
        await work;
        return true;
    }
}
