using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using Azure.Messaging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Local.Hosting;

/// <summary>Compiles function methods into delegates, so that a call costs no reflection. HTTP functions, of which there are many, compile with their first call.</summary>
internal static class FunctionCall
{
    private static readonly ParameterExpression Instance = Expression.Parameter(typeof(object), "instance");
    private static readonly ParameterExpression Context = Expression.Parameter(typeof(HttpContext), "context");
    private static readonly ParameterExpression Event = Expression.Parameter(typeof(CloudEvent), "event");
    private static readonly ParameterExpression Message = Expression.Parameter(typeof(string), "message");
    private static readonly ParameterExpression Timer = Expression.Parameter(typeof(TimerInfo), "timer");
    private static readonly ParameterExpression Cancellation = Expression.Parameter(typeof(CancellationToken), "cancellationToken");

    /// <summary>Compiles an HTTP function, which may take the request, its cancellation, and values of its route.</summary>
    /// <param name="method">The function's method.</param>
    /// <param name="route">Its route.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, HttpContext, Task<IResult>> CompileHttp(MethodInfo method, RoutePattern route)
    {
        var call = Call(method, parameter => BindHttp(parameter, route));
        Expression body = call.Type switch
        {
            var type when type == typeof(Task<IResult>) => call,
            var type when type == typeof(ValueTask<IResult>) => Expression.Call(call, nameof(ValueTask<>.AsTask), null),
            var type when type.IsAssignableTo(typeof(IResult)) =>
                Expression.Call(typeof(Task), nameof(Task.FromResult), [typeof(IResult)], Expression.Convert(call, typeof(IResult))),
            _ => throw new HostStartException($"{Describe(method)} returns {call.Type.Name}; an HTTP function returns Task<IResult>, ValueTask<IResult> or IResult."),
        };
        var lambda = Expression.Lambda<Func<object?, HttpContext, Task<IResult>>>(body, Instance, Context);
        Func<object?, HttpContext, Task<IResult>>? compiled = null;
        return (instance, context) => (compiled ??= lambda.Compile())(instance, context);
    }

    /// <summary>Compiles an Event Grid function, which takes a <see cref="CloudEvent"/> and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, CloudEvent, CancellationToken, Task> CompileEventGrid(MethodInfo method) =>
        Expression.Lambda<Func<object?, CloudEvent, CancellationToken, Task>>(CallForTask(method, Event), Instance, Event, Cancellation).Compile();

    /// <summary>Compiles a queue function, which takes the message's text and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, string, CancellationToken, Task> CompileQueue(MethodInfo method) =>
        Expression.Lambda<Func<object?, string, CancellationToken, Task>>(CallForTask(method, Message), Instance, Message, Cancellation).Compile();

    /// <summary>Compiles a timer function, which takes a <see cref="TimerInfo"/> and a cancellation.</summary>
    /// <param name="method">The function's method.</param>
    /// <exception cref="HostStartException">A parameter or the result has a type that nothing binds to.</exception>
    public static Func<object?, TimerInfo, CancellationToken, Task> CompileTimer(MethodInfo method) =>
        Expression.Lambda<Func<object?, TimerInfo, CancellationToken, Task>>(CallForTask(method, Timer), Instance, Timer, Cancellation).Compile();

    /// <summary>A text value of the request's route; null where an optional one is missing.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The route parameter.</param>
    public static string? RouteText(HttpContext context, string name) => context.Request.RouteValues[name] as string;

    /// <summary>A whole number of the request's route; 0 where an optional one is missing.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The route parameter.</param>
    /// <exception cref="BadHttpRequestException">The value is no 32-bit whole number.</exception>
    public static int RouteNumber(HttpContext context, string name) => RouteText(context, name) switch
    {
        null => 0,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new BadHttpRequestException($"The path's {name} is not a whole number."),
    };

    /// <summary>How a message names a method.</summary>
    /// <param name="method">A function's method.</param>
    public static string Describe(MethodInfo method) => $"{method.DeclaringType?.Name}.{method.Name}";

    private static Expression BindHttp(ParameterInfo parameter, RoutePattern route)
    {
        if (parameter.ParameterType == typeof(HttpRequest))
        {
            return Expression.Property(Context, nameof(HttpContext.Request));
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return Expression.Property(Context, nameof(HttpContext.RequestAborted));
        }

        var value = Type.GetTypeCode(parameter.ParameterType) switch
        {
            TypeCode.String => nameof(RouteText),
            TypeCode.Int32 when !parameter.ParameterType.IsEnum => nameof(RouteNumber),
            _ => throw Unbound(parameter),
        };
        return route.GetParameter(parameter.Name!) is null
            ? throw new HostStartException(
                $"{Describe((MethodInfo)parameter.Member)}: parameter {parameter.Name} is not in the route \"{route.RawText}\".")
            : Expression.Call(typeof(FunctionCall), value, null, Context, Expression.Constant(parameter.Name));
    }

    private static Expression CallForTask(MethodInfo method, ParameterExpression input)
    {
        var call = Call(method, parameter =>
            parameter.ParameterType == input.Type ? input
            : parameter.ParameterType == typeof(CancellationToken) ? Cancellation
            : throw Unbound(parameter));
        return call.Type switch
        {
            var type when type.IsAssignableTo(typeof(Task)) => call,
            var type when type == typeof(ValueTask) => Expression.Call(call, nameof(ValueTask.AsTask), null),
            var type when type == typeof(void) => Expression.Block(call, Expression.Property(null, typeof(Task), nameof(Task.CompletedTask))),
            _ => throw new HostStartException($"{Describe(method)} returns {call.Type.Name}; it must return Task, ValueTask or nothing."),
        };
    }

    private static MethodCallExpression Call(MethodInfo method, Func<ParameterInfo, Expression> bind) =>
        Expression.Call(
            method.IsStatic ? null : Expression.Convert(Instance, method.DeclaringType!),
            method,
            method.GetParameters().Select(bind));

    private static HostStartException Unbound(ParameterInfo parameter) =>
        new($"{Describe((MethodInfo)parameter.Member)}: nothing binds to parameter {parameter.Name} of type {parameter.ParameterType.Name}.");
}
