using System.Reflection;

namespace EventFunctions.Tests.Administration;

/// <summary>Lets a test break off, or wait, before and after every call of a port.</summary>
internal static class Interruptions
{
    /// <param name="port">Where calls go.</param>
    /// <param name="pass">Runs before each call begins, and after it took effect; may throw.</param>
    public static TPort Of<TPort>(TPort port, Func<Task> pass)
        where TPort : class
    {
        var proxy = DispatchProxy.Create<TPort, InterruptedPort<TPort>>();
        ((InterruptedPort<TPort>)(object)proxy).Stand(port, pass);
        return proxy;
    }
}

/// <summary>Stands before a port.</summary>
public class InterruptedPort<TPort> : DispatchProxy
    where TPort : class
{
    private readonly MethodInfo _await = typeof(InterruptedPort<TPort>).GetMethod(nameof(AwaitAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private TPort _port = null!;
    private Func<Task> _pass = null!;

    internal void Stand(TPort port, Func<Task> pass) => (_port, _pass) = (port, pass);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        var result = targetMethod.ReturnType.IsGenericType ? targetMethod.ReturnType.GetGenericArguments()[0] : typeof(bool);
        return _await.MakeGenericMethod(result).Invoke(this, [targetMethod, args]);
    }

    private async Task<T> AwaitAsync<T>(MethodInfo method, object?[] args)
    {
        await _pass();
        var call = (Task)method.Invoke(_port, args)!;
        await call;
        await _pass();
        return call is Task<T> typed ? await typed : default!;
    }
}
