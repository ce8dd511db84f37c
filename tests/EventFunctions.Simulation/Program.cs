using System.Globalization;
using EventFunctions.Simulation;

var options = new CampaignOptions();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seeds":
            options = options with { Seeds = ulong.Parse(args[++i], CultureInfo.InvariantCulture) };
            break;
        case "--from":
            options = options with { From = ulong.Parse(args[++i], CultureInfo.InvariantCulture) };
            break;
        case "--story":
            options = options with { Tells = true };
            break;
        case "--seconds":
            options = options with { Budget = TimeSpan.FromSeconds(double.Parse(args[++i], CultureInfo.InvariantCulture)) };
            break;
        case "--hashes":
            options = options with { Hashes = true };
            break;
        default:
            Console.Error.WriteLine($"Unknown option {args[i]}. Use --seeds N, --from SEED, --seconds S, --story, --hashes.");
            return 2;
    }
}

return new Campaign(options, Console.Out).Run();
