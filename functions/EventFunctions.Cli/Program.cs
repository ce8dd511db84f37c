using System.Runtime.InteropServices;
using EventFunctions.Cli;
using EventFunctions.Telemetry;

// The first Ctrl+C lets the command end in order; the second ends the process.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
var context = ToolContext.OfProcess();
try
{
    return await Tool.RunAsync(args, context, stop.Token);
}
catch (Exception e)
{
    // The runtime would write it to the terminal as it is.
    foreach (var line in e.ToString().Split('\n'))
    {
        context.Error.WriteLine(SafeText.Of(line.TrimEnd('\r')));
    }

    return ExitCode.Failed;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
