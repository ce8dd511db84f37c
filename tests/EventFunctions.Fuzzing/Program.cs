using System.CommandLine;
using System.Globalization;
using EventFunctions.Fuzzing;

var seed = new Option<int>("--seed") { Description = "The seed of the random numbers.", DefaultValueFactory = _ => 1 };
var executions = new Option<long>("--executions") { Description = "How many inputs are read in all.", DefaultValueFactory = _ => 1_000_000 };
var minutes = new Option<double>("--minutes") { Description = "Ends the run after this time.", DefaultValueFactory = _ => 60 };
var only = new Option<string?>("--only") { Description = "Only readers whose name contains this." };
var last = new Option<FileInfo?>("--last") { Description = "A file that holds the input being read, for a run that ends in a crash." };
var file = new Argument<FileInfo>("file") { Description = "A file with an input." };

var fuzz = new Command("fuzz", "Reads mutated inputs with every reader of what comes from outside. Exits with 1 if there are findings.") { seed, executions, minutes, only, last };
fuzz.SetAction(parsed => new LongRun(
    parsed.GetValue(seed), parsed.GetValue(executions), TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(only), parsed.GetValue(last)).Run());

var read = new Command("read", "Reads one input with the readers that --only names.") { file, only };
read.SetAction(parsed =>
{
    var name = parsed.GetValue(only) ?? "";
    foreach (var target in FuzzTargets.All.Where(target => target.Name.Contains(name, StringComparison.Ordinal)))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {string.Join(" | ", target.Read(File.ReadAllBytes(parsed.GetRequiredValue(file).FullName)))}"));
    }
});

return await new RootCommand("Fuzzes the readers of EventFunctions.") { fuzz, read }.Parse(args).InvokeAsync();
