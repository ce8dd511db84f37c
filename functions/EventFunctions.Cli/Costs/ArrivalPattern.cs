namespace EventFunctions.Cli.Costs;

/// <summary>How events arrive over a month.</summary>
internal enum ArrivalPattern
{
    /// <summary>At exactly equal intervals, the most expensive pattern: no execution overlaps another.</summary>
    Even,

    /// <summary>Independent of each other at a constant rate.</summary>
    Poisson,

    /// <summary>In groups within a second, with long pauses.</summary>
    Bursts,
}
