using System.Globalization;
using EventFunctions.Simulation;
using EventFunctions.Simulation.Planted;

var options = new CampaignOptions();
string? planted = null;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seeds":
            options = options with { Seeds = Number(ref i, 1) };
            break;
        case "--from":
            options = options with { From = Number(ref i, 0) };
            break;
        case "--brief":
            options = options with { IsBrief = true };
            break;
        case "--planted":
            planted = i + 1 < args.Length && !args[i + 1].StartsWith('-') ? args[++i] : "";
            options = options with { Seeds = PlantedCampaign.MaxSeeds };
            break;
        case "--story":
            options = options with { Tells = true };
            break;
        case "--seconds":
            options = options with { Budget = TimeSpan.FromSeconds(Number(ref i, 1)) };
            break;
        case "--hashes":
            options = options with { Hashes = true };
            break;
        default:
            Console.Error.WriteLine($"Unknown option {args[i]}. Use --seeds N, --from SEED, --seconds S, --story, --hashes, --brief, --planted [NAME].");
            return 2;
    }
}

if (planted is not null)
{
    SdkCompiler.Use();
    return await new PlantedCampaign(Console.Out).RunAsync(planted, options);
}

return new Campaign(options, Console.Out).Run();

ulong Number(ref int at, ulong least)
{
    var option = args[at++];
    var text = at < args.Length ? args[at] : "";
    if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least)
    {
        return number;
    }

    Console.Error.WriteLine($"{option} is \"{text}\", but must be a whole number, {least} or more.");
    Environment.Exit(2);
    return 0;
}
