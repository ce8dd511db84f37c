using System.Globalization;
using System.Reflection;
using Azure.Messaging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Local.Hosting;

/// <summary>Turns function methods into delegates. They call by reflection, because compiling dozens of methods at start takes longer than it saves.</summary>
internal static class FunctionCall
{
    /// <summary>Binds an HTTP function, which may take the request, its cancellation, and values of its route.</summary>
    /// <param name="method">The function's method.</param>
    /// <param name="route">Its route.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, HttpContext, Task<IResult>> BindHttp(MethodInfo method, RoutePattern route)
    {
        var call = Call<HttpContext>(method, parameter => BindHttp(parameter, route));
        return method.ReturnType switch
        {
            var type when type == typeof(Task<IResult>) => (instance, context) => (Task<IResult>)call(instance, context)!,
            var type when type == typeof(ValueTask<IResult>) => (instance, context) => ((ValueTask<IResult>)call(instance, context)!).AsTask(),
            var type when type.IsAssignableTo(typeof(IResult)) => (instance, context) => Task.FromResult((IResult)call(instance, context)!),
            var type => throw new HostStartException($"{Describe(method)} returns {type.Name}; an HTTP function returns Task<IResult>, ValueTask<IResult> or IResult."),
        };
    }

    /// <summary>Binds an Event Grid function, which takes a <see cref="CloudEvent"/> and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, CloudEvent, CancellationToken, Task> BindEventGrid(MethodInfo method) => Bind<CloudEvent>(method);

    /// <summary>Binds a queue function, which takes the message's text and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, string, CancellationToken, Task> BindQueue(MethodInfo method) => Bind<string>(method);

    /// <summary>Binds a timer function, which takes a <see cref="TimerInfo"/> and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, TimerInfo, CancellationToken, Task> BindTimer(MethodInfo method) => Bind<TimerInfo>(method);

    /// <summary>How a message names a method.</summary>
    /// <param name="method">A function's method.</param>
    public static string Describe(MethodInfo method) => $"{method.DeclaringType?.Name}.{method.Name}";

    private static Func<HttpContext, object?> BindHttp(ParameterInfo parameter, RoutePattern route)
    {
        if (parameter.ParameterType == typeof(HttpRequest))
        {
            return context => context.Request;
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return context => context.RequestAborted;
        }

        var name = parameter.Name!;
        Func<HttpContext, object?> value = Type.GetTypeCode(parameter.ParameterType) switch
        {
            TypeCode.String => context => RouteText(context, name),
            TypeCode.Int32 when !parameter.ParameterType.IsEnum => context => RouteNumber(context, name),
            _ => throw Unbound(parameter),
        };
        return route.GetParameter(name) is null
            ? throw new HostStartException($"{Describe((MethodInfo)parameter.Member)}: parameter {name} is not in the route \"{route.RawText}\".")
            : value;
    }

    private static string? RouteText(HttpContext context, string name) => context.Request.RouteValues[name] as string;

    // An optional value that is missing is 0.
    private static int RouteNumber(HttpContext context, string name) => RouteText(context, name) switch
    {
        null => 0,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new BadHttpRequestException($"The path's {name} is not a whole number."),
    };

    private static Func<object?, TInput, CancellationToken, Task> Bind<TInput>(MethodInfo method)
        where TInput : class
    {
        var call = Call<Input>(method, parameter =>
            parameter.ParameterType == typeof(TInput) ? input => input.Value
            : parameter.ParameterType == typeof(CancellationToken) ? input => input.Cancellation
            : throw Unbound(parameter));
        return method.ReturnType switch
        {
            var type when type.IsAssignableTo(typeof(Task)) => (instance, value, cancellation) => (Task)call(instance, new(value, cancellation))!,
            var type when type == typeof(ValueTask) => (instance, value, cancellation) => ((ValueTask)call(instance, new(value, cancellation))!).AsTask(),
            var type when type == typeof(void) => (instance, value, cancellation) => Ended(call(instance, new(value, cancellation))),
            var type => throw new HostStartException($"{Describe(method)} returns {type.Name}; it must return Task, ValueTask or nothing."),
        };
    }

    private static Task Ended(object? returned) => Task.CompletedTask;

    private static Func<object?, TInput, object?> Call<TInput>(MethodInfo method, Func<ParameterInfo, Func<TInput, object?>> bind)
        where TInput : class
    {
        var arguments = Array.ConvertAll(method.GetParameters(), parameter => bind(parameter));
        var invoker = MethodInvoker.Create(method);
        return (instance, input) => invoker.Invoke(instance, Array.ConvertAll(arguments, argument => argument(input)).AsSpan());
    }

    private static HostStartException Unbound(ParameterInfo parameter) =>
        new($"{Describe((MethodInfo)parameter.Member)}: nothing binds to parameter {parameter.Name} of type {parameter.ParameterType.Name}.");

    private sealed record Input(object Value, CancellationToken Cancellation);
}
