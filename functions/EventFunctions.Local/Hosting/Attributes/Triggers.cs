namespace Microsoft.Azure.Functions.Worker;

// The part of Microsoft.Azure.Functions.Worker's public surface that the function classes use, with the same names,
// constructors and properties, so that the same source files compile against either.

/// <summary>Marks a method as a function.</summary>
/// <param name="name">The function's name, unique in the app.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name.</summary>
    public string Name { get; } = name;
}

/// <summary>Who may call an HTTP function.</summary>
public enum AuthorizationLevel
{
    /// <summary>Every caller.</summary>
    Anonymous,

    /// <summary>Entra ID users; not used here.</summary>
    User,

    /// <summary>Holders of a function or host key.</summary>
    Function,

    /// <summary>The system; not used here.</summary>
    System,

    /// <summary>Holders of the master key; not used here.</summary>
    Admin,
}

/// <summary>Runs a function for HTTP requests.</summary>
/// <param name="authLevel">Who may call.</param>
/// <param name="methods">The HTTP methods.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    /// <summary>Who may call.</summary>
    public AuthorizationLevel AuthLevel { get; } = authLevel;

    /// <summary>The HTTP methods.</summary>
    public string[] Methods { get; } = methods;

    /// <summary>The route below the route prefix.</summary>
    public string? Route { get; set; }
}

/// <summary>Runs a function for events that Event Grid delivers.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EventGridTriggerAttribute : Attribute;

/// <summary>Runs a function for each message of a queue.</summary>
/// <param name="queueName">The queue's name, or <c>%Setting%</c> that names one.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class QueueTriggerAttribute(string queueName) : Attribute
{
    /// <summary>The queue's name as written.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>The setting, or section of settings, that names the storage account; not looked at here.</summary>
    public string? Connection { get; set; }
}

/// <summary>Runs a function on a schedule.</summary>
/// <param name="schedule">An NCRONTAB expression with seconds, or <c>%Setting%</c> that names one.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The schedule as written.</summary>
    public string Schedule { get; } = schedule;
}

/// <summary>The argument of a timer function.</summary>
public sealed class TimerInfo
{
    /// <summary>Whether the timer fires later than its schedule said.</summary>
    public bool IsPastDue { get; set; }
}
