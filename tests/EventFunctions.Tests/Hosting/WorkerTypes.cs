using System.Globalization;
using System.Reflection;

namespace EventFunctions.Tests.Hosting;

/// <summary>What the function classes may use of the worker's packages: their types, with one line for each member.</summary>
internal static class WorkerTypes
{
    public const string Namespace = "Microsoft.Azure.Functions.Worker";

    // Read from the packages Worker.Core 2.52.0, Extensions.Http 3.3.0, .EventGrid 3.6.0, .Timer 4.3.1 and .Storage.Queues 5.5.5.
    private const string Facts = """
        AuthorizationLevel
            Anonymous = 0
            User = 1
            Function = 2
            System = 3
            Admin = 4
        EventGridTriggerAttribute
            on Parameter
            ()
            get Boolean IsBatched
            set Boolean IsBatched
        FunctionAttribute
            on Method
            (String name)
            get String Name
        HttpTriggerAttribute
            on Parameter
            ()
            (params String[] methods)
            (AuthorizationLevel authLevel)
            (AuthorizationLevel authLevel, params String[] methods)
            get AuthorizationLevel AuthLevel
            get String[] Methods
            get String Route
            set String Route
        QueueTriggerAttribute
            on Parameter
            (String queueName)
            get String QueueName
            get String Connection
            set String Connection
        ScheduleStatus
            ()
            get DateTime Last
            set DateTime Last
            get DateTime LastUpdated
            set DateTime LastUpdated
            get DateTime Next
            set DateTime Next
        TimerInfo
            ()
            get Boolean IsPastDue
            set Boolean IsPastDue
            get ScheduleStatus ScheduleStatus
            set ScheduleStatus ScheduleStatus
        TimerTriggerAttribute
            on Parameter
            (String schedule)
            get String Schedule
            get Boolean RunOnStartup
            set Boolean RunOnStartup
            get Boolean UseMonitor
            set Boolean UseMonitor
        """;

    /// <summary>Each type's members, by the type's name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Known { get; } = Read();

    /// <summary>A type's members, written as in the table.</summary>
    public static IReadOnlyList<string> Describe(Type type) =>
        type.IsEnum
            ? [.. Enum.GetNames(type).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} = {(int)Enum.Parse(type, name)}"))]
            : [.. Targets(type), .. type.GetConstructors().Select(Describe), .. type.GetProperties().SelectMany(Describe)];

    private static IEnumerable<string> Targets(Type type) =>
        typeof(Attribute).IsAssignableFrom(type) ? [$"on {type.GetCustomAttribute<AttributeUsageAttribute>(inherit: true)!.ValidOn}"] : [];

    private static string Describe(ConstructorInfo constructor) =>
        $"({string.Join(", ", constructor.GetParameters().Select(p => $"{(p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{p.ParameterType.Name} {p.Name}"))})";

    private static IEnumerable<string> Describe(PropertyInfo property) =>
        property.DeclaringType == typeof(Attribute)
            ? []
            : property.GetAccessors().Select(accessor => $"{accessor.Name[..3]} {property.PropertyType.Name} {property.Name}");

    private static Dictionary<string, IReadOnlyList<string>> Read()
    {
        var types = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        List<string> members = [];
        foreach (var line in Facts.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == ' ')
            {
                members.Add(line.Trim());
            }
            else
            {
                types.Add(line.Trim(), members = []);
            }
        }

        return types;
    }
}
