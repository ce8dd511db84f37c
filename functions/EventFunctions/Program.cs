using EventFunctions.Composition;
using EventFunctions.Logging;
using EventFunctions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

try
{
    // Settings come from the environment: to watch the folder for changed files only delays the start.
    Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    var settings = WorkerSettings.Read(Environment.GetEnvironmentVariables());
    builder.Services.AddTelemetry(settings).AddEventFunctions(settings);
    SafeLoggerFactory.AddTo(builder.Services);
    using var host = builder.Build();

    // Here and not in the host's start, which would log a stack trace where there is a line to say.
    host.Services.GetService<IStartupValidator>()?.Validate();
    await host.RunAsync();
    return 0;
}
catch (OperationCanceledException)
{
    // Told to stop before it was up.
    return 0;
}
catch (Exception e) when (StartFault.Explain(e) is { } fault)
{
    await Console.Error.WriteLineAsync($"EventFunctions: error: {LogText.Of(fault)}");
    return StartFault.ExitCode;
}
