using EventFunctions.Local.CommandLine;

return await HostCommand.RunAsync(args, Terminal.OfProcess());
