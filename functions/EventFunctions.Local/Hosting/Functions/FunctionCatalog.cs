using System.Reflection;
using EventFunctions.Storage.Queues;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace EventFunctions.Local.Hosting;

/// <summary>All functions that the host runs, found by their attributes and checked as a whole.</summary>
internal sealed class FunctionCatalog
{
    private const string RoutePrefix = "api/";

    // The Functions host refuses routes that begin like its own.
    private static readonly string[] ReservedRoutes = ["admin", "runtime"];

    private FunctionCatalog(IReadOnlyList<FunctionDefinition> functions)
    {
        Http = [.. functions.OfType<HttpFunction>()];
        EventGrid = functions.OfType<EventGridFunction>().ToDictionary(f => f.Name, StringComparer.Ordinal);
        Queues = [.. functions.OfType<QueueFunction>()];
        Timers = [.. functions.OfType<TimerFunction>()];
        Classes = functions.Select(f => f.Class).OfType<Type>().ToHashSet();
    }

    /// <summary>The classes of all functions that are not static.</summary>
    public IReadOnlySet<Type> Classes { get; }

    /// <summary>The functions that answer HTTP requests.</summary>
    public IReadOnlyList<HttpFunction> Http { get; }

    /// <summary>The functions that receive events, by their exact name.</summary>
    public IReadOnlyDictionary<string, EventGridFunction> EventGrid { get; }

    /// <summary>The functions that run for the messages of queues.</summary>
    public IReadOnlyList<QueueFunction> Queues { get; }

    /// <summary>The functions that run on a schedule.</summary>
    public IReadOnlyList<TimerFunction> Timers { get; }

    /// <summary>Finds the functions among some types.</summary>
    /// <param name="types">Where to look: public methods marked with <see cref="FunctionAttribute"/>.</param>
    /// <param name="configuration">The settings, for <c>%Setting%</c>, and <c>AzureWebJobs.NAME.Disabled</c>, which leaves a function out.</param>
    /// <exception cref="HostStartException">
    /// Functions that cannot be run: two of one name, overlapping routes, parameters that nothing binds to, missing
    /// settings. The message has a line for each fault.
    /// </exception>
    public static FunctionCatalog Find(IEnumerable<Type> types, IConfiguration configuration)
    {
        var functions = new List<FunctionDefinition>();
        var faults = new List<string>();
        foreach (var (method, name) in Methods(types).Where(function => !IsDisabled(function.Name, configuration)))
        {
            try
            {
                functions.Add(Define(method, name, configuration));
            }
            catch (HostStartException e)
            {
                faults.Add(e.Message);
            }
        }

        faults.AddRange(functions.CountBy(f => f.Name, StringComparer.OrdinalIgnoreCase)
            .Where(count => count.Value > 1)
            .Select(count => $"There are {count.Value} functions named {count.Key}."));
        faults.AddRange(Overlaps([.. functions.OfType<HttpFunction>()]));
        return faults.Count == 0 ? new FunctionCatalog(functions) : throw new HostStartException(string.Join(Environment.NewLine, faults));
    }

    private static IEnumerable<(MethodInfo Method, string Name)> Methods(IEnumerable<Type> types) =>
        from type in types
        where type.IsClass && !type.IsGenericTypeDefinition
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        select (method, function.Name);

    // As the Functions host reads it; a variable of the environment cannot have a dot on every system.
    private static bool IsDisabled(string name, IConfiguration configuration) =>
        (configuration[$"AzureWebJobs.{name}.Disabled"] ?? configuration[$"AzureWebJobs:{name}:Disabled"]) is { } value
        && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static FunctionDefinition Define(MethodInfo method, string name, IConfiguration configuration)
    {
        var owner = method.IsStatic ? null : method.DeclaringType;
        foreach (var parameter in method.GetParameters())
        {
            if (parameter.GetCustomAttribute<HttpTriggerAttribute>() is { } http)
            {
                var route = Route(method, http.Route ?? name);
                return new HttpFunction(
                    name, owner, http.AuthLevel, [.. http.Methods.Select(m => m.ToUpperInvariant())], route, FunctionCall.BindHttp(method, route));
            }

            if (parameter.GetCustomAttribute<EventGridTriggerAttribute>() is not null)
            {
                return new EventGridFunction(name, owner, FunctionCall.BindEventGrid(method));
            }

            if (parameter.GetCustomAttribute<QueueTriggerAttribute>() is { } trigger)
            {
                return new QueueFunction(name, owner, Queue(method, Resolve(method, trigger.QueueName, configuration)), FunctionCall.BindQueue(method));
            }

            if (parameter.GetCustomAttribute<TimerTriggerAttribute>() is { } timer)
            {
                return new TimerFunction(name, owner, Schedule(method, Resolve(method, timer.Schedule, configuration)), FunctionCall.BindTimer(method));
            }
        }

        throw new HostStartException($"{FunctionCall.Describe(method)} has no trigger that this host supports.");
    }

    private static RoutePattern Route(MethodInfo method, string route)
    {
        if (ReservedRoutes.FirstOrDefault(reserved => route.Trim('/').StartsWith(reserved, StringComparison.OrdinalIgnoreCase)) is { } begin)
        {
            throw new HostStartException($"{FunctionCall.Describe(method)}: the Functions host reserves routes that begin with \"{begin}\". Change the route \"{route}\".");
        }

        try
        {
            return RoutePatternFactory.Parse(RoutePrefix + route);
        }
        catch (RoutePatternException e)
        {
            throw new HostStartException($"{FunctionCall.Describe(method)}: \"{route}\" is not a route: {e.Message}", e);
        }
    }

    private static string Resolve(MethodInfo method, string text, IConfiguration configuration)
    {
        if (text is not ['%', .. var name, '%'])
        {
            return text;
        }

        return configuration[name] is { Length: > 0 } value
            ? value
            : throw new HostStartException($"{FunctionCall.Describe(method)}: the setting {name} is missing.");
    }

    private static string Queue(MethodInfo method, string name) =>
        QueueRules.IsName(name) ? name : throw new HostStartException($"{FunctionCall.Describe(method)}: \"{name}\" is not a queue name; example: webhook-deliveries.");

    private static CrontabSchedule Schedule(MethodInfo method, string expression)
    {
        var schedule = CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
            ?? throw new HostStartException(
                $"{FunctionCall.Describe(method)}: \"{expression}\" is not an NCRONTAB expression of six fields, for example \"*/10 * * * * *\".");

        // A day that no month has would otherwise be noticed by nobody.
        return schedule.GetNextOccurrence(DateTime.UnixEpoch) < DateTime.MaxValue
            ? schedule
            : throw new HostStartException($"{FunctionCall.Describe(method)}: the schedule \"{expression}\" never occurs.");
    }

    private static IEnumerable<string> Overlaps(HttpFunction[] functions) =>
        from i in Enumerable.Range(0, functions.Length)
        from j in Enumerable.Range(i + 1, functions.Length - i - 1)
        where RouteOverlap.Between(functions[i], functions[j])
        select $"The routes of {functions[i].Name} (\"{functions[i].Route.RawText}\") and {functions[j].Name} (\"{functions[j].Route.RawText}\") overlap.";
}
