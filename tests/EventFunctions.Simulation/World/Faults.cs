using EventFunctions.Simulation.Machine;

namespace EventFunctions.Simulation.World;

/// <summary>Decides which faults happen. Each seed has its own mix: some kinds never happen, others are rare or frequent.</summary>
internal sealed class Faults
{
    private static readonly int Kinds = Enum.GetValues<FaultKind>().Length;

    // How often a kind happens where it is frequent.
    private static readonly double[] Most =
    [
        0.01, 0.01, 0.05, 0.05, 0.05, 0.01, 0.03, 0.15, 1, 1, 0.3, 0.3, 0.05, 0.2, 0.1, 0.3, 0.05, 0.4, 0.2, 0.3, 0.4, 1, 0.1,
    ];

    private readonly Chance _chance;
    private readonly Scenario _scenario;
    private readonly double[] _rates = new double[Kinds];

    public Faults(Scenario scenario)
    {
        _scenario = scenario;
        _chance = Chance.Of(scenario.Seed, 1);
        for (var kind = 0; kind < Kinds; kind++)
        {
            var choice = _chance.NextDouble();
            _rates[kind] = choice < 0.4 ? 0 : choice < 0.8 ? Most[kind] / 5 : Most[kind];
        }
    }

    /// <summary>Whether faults happen at all; they end before the world settles.</summary>
    public bool AreOn { get; set; } = true;

    /// <summary>How many of each kind happened.</summary>
    public int[] Counts { get; } = new int[Kinds];

    /// <summary>How many happened.</summary>
    public int Total { get; private set; }

    /// <summary>Random numbers for what a fault is like.</summary>
    public Chance Chance => _chance;

    /// <summary>Whether a fault happens here.</summary>
    public bool Strike(FaultKind kind)
    {
        if (!AreOn || _rates[(int)kind] == 0 || !_chance.Happens(_rates[(int)kind]) || (_scenario.Without & (1 << (int)kind)) != 0 || Total >= _scenario.MaxFaults)
        {
            return false;
        }

        Total++;
        Counts[(int)kind]++;
        return true;
    }
}
