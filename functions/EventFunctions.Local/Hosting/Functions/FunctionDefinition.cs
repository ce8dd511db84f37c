using Azure.Messaging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using NCrontab;

namespace EventFunctions.Local.Hosting;

/// <summary>A function as the host runs it.</summary>
/// <param name="Name">The function's name, unique in the app regardless of case.</param>
/// <param name="Class">The function's class; null for a static method.</param>
internal abstract record FunctionDefinition(string Name, Type? Class)
{
    /// <summary>An object to call the function on; as in Azure, one for each call.</summary>
    /// <param name="services">The services of the call.</param>
    public object? Instance(IServiceProvider services) => Class is null ? null : services.GetRequiredService(Class);
}

/// <summary>A function that answers HTTP requests.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Class">The function's class.</param>
/// <param name="Level">Who may call.</param>
/// <param name="Methods">The HTTP methods, in upper case; empty stands for all.</param>
/// <param name="Route">The whole route, prefix included.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record HttpFunction(
    string Name,
    Type? Class,
    AuthorizationLevel Level,
    IReadOnlyList<string> Methods,
    RoutePattern Route,
    Func<object?, HttpContext, Task<IResult>> Invoke) : FunctionDefinition(Name, Class);

/// <summary>A function that takes events from Event Grid.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Class">The function's class.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record EventGridFunction(
    string Name,
    Type? Class,
    Func<object?, CloudEvent, CancellationToken, Task> Invoke) : FunctionDefinition(Name, Class);

/// <summary>A function that runs for the messages of a queue.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Class">The function's class.</param>
/// <param name="Queue">The queue's name.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record QueueFunction(
    string Name,
    Type? Class,
    string Queue,
    Func<object?, string, CancellationToken, Task> Invoke) : FunctionDefinition(Name, Class);

/// <summary>A function that runs on a schedule.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Class">The function's class.</param>
/// <param name="Schedule">When it runs, in UTC.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record TimerFunction(
    string Name,
    Type? Class,
    CrontabSchedule Schedule,
    Func<object?, TimerInfo, CancellationToken, Task> Invoke) : FunctionDefinition(Name, Class);
