using EventFunctions.Simulation.Machine;

namespace EventFunctions.Simulation.World;

/// <summary>Everything that an instance calls: whether, when and how often a call has its effect, and whether its answer comes.</summary>
internal sealed class Network(SimulatedThread thread, Faults faults, Trace trace, Action<Instance, string> kill)
{
    // Client libraries give a call up at some time, whatever the caller says.
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(65);

    private readonly HashSet<string> _down = new(StringComparer.Ordinal);

    /// <summary>Makes a system unavailable, or available again.</summary>
    public void SetDown(string system, bool isDown)
    {
        if (isDown ? _down.Add(system) : _down.Remove(system))
        {
            trace.Add(thread.Now, "world", isDown ? "outage of" : "end of the outage of", system, "");
        }
    }

    /// <summary>Makes a call.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="system">What is called.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="about">What it is about.</param>
    /// <param name="effect">Has the effect, and returns the answer.</param>
    /// <param name="describe">Describes the answer.</param>
    /// <param name="fail">Makes the exception of a failure.</param>
    /// <param name="cancellationToken">Ends the wait; the effect may come all the same.</param>
    /// <param name="repeat">Returns the answer of a client library that sent the call twice; null if it never does.</param>
    public Task<T> CallAsync<T>(
        Instance caller,
        string system,
        string operation,
        string about,
        Func<T> effect,
        Func<T, string> describe,
        Func<string, Exception> fail,
        CancellationToken cancellationToken,
        Func<T>? repeat = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var answer = new TaskCompletionSource<T>();
        CancellationTokenRegistration registration = default;
        var chance = faults.Chance;
        var delay = TimeSpan.FromTicks(chance.Next(200_000) + 10_000);
        if (!caller.IsAlive)
        {
            return answer.Task;
        }

        if (faults.Strike(FaultKind.DeathBefore))
        {
            kill(caller, $"before {system}.{operation} {about}");
            return answer.Task;
        }

        if (_down.Contains(system) || faults.Strike(FaultKind.LostBefore))
        {
            thread.After(delay, () => Fail("no effect"));
            return Register();
        }

        if (faults.Strike(FaultKind.DeathAfter))
        {
            Tell(effect(), "the caller dies");
            kill(caller, $"after {system}.{operation} {about}");
            return answer.Task;
        }

        if (faults.Strike(FaultKind.LostAfter))
        {
            thread.After(delay, () =>
            {
                Tell(effect(), "answer lost");
                Fail("");
            });
            return Register();
        }

        if (faults.Strike(FaultKind.Hang))
        {
            if (chance.Happens(0.5))
            {
                thread.After(delay, () => Tell(effect(), "answer never comes"));
            }

            thread.After(GivesUpAfter, () => Fail(""));
            return Register();
        }

        if (repeat is not null && faults.Strike(FaultKind.Repeat))
        {
            thread.After(delay, () =>
            {
                Tell(effect(), "sent twice");
                Answer(repeat());
            });
            return Register();
        }

        if (faults.Strike(FaultKind.Slow))
        {
            delay = chance.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(8));
        }

        // The effect comes with the call or with the answer.
        if (chance.Happens(0.5))
        {
            thread.After(delay, () =>
            {
                var result = effect();
                Tell(result, "");
                Answer(result);
            });
        }
        else
        {
            var result = effect();
            Tell(result, "");
            thread.After(delay, () => Answer(result));
        }

        return Register();

        Task<T> Register()
        {
            if (cancellationToken.CanBeCanceled)
            {
                registration = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), answer);
            }

            return answer.Task;
        }

        void Answer(T result)
        {
            registration.Dispose();
            answer.TrySetResult(result);
        }

        void Tell(T result, string remark) =>
            trace.Add(thread.Now, caller.Name, operation, about, remark.Length == 0 ? describe(result) : describe(result) + ", " + remark);

        void Fail(string remark)
        {
            if (remark.Length > 0)
            {
                trace.Add(thread.Now, caller.Name, operation, about, "fails, " + remark);
            }

            registration.Dispose();
            answer.TrySetException(fail($"{system} did not answer."));
        }
    }
}
