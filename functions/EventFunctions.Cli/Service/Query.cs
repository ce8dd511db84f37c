namespace EventFunctions.Cli.Service;

/// <summary>The query of a call.</summary>
internal sealed class Query
{
    private readonly List<string> _pairs = [];

    /// <summary>Adds a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null leaves it out.</param>
    public Query Add(string name, string? value)
    {
        if (value is not null)
        {
            _pairs.Add($"{name}={Uri.EscapeDataString(value)}");
        }

        return this;
    }

    /// <summary>Returns the query with its question mark; empty without parameters.</summary>
    public override string ToString() => _pairs.Count == 0 ? "" : "?" + string.Join('&', _pairs);
}
