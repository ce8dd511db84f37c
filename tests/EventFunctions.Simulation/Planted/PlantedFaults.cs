using System.Globalization;

namespace EventFunctions.Simulation.Planted;

/// <summary>Reads the list of planted faults, <c>faults.txt</c>.</summary>
internal static class PlantedFaults
{
    /// <summary>Reads the list.</summary>
    /// <param name="sources">The sources of the service.</param>
    /// <exception cref="InvalidDataException">A line cannot be read.</exception>
    public static IReadOnlyList<PlantedFault> Read(SourceTree sources) => Parse(File.ReadAllLines(sources.Faults));

    private static List<PlantedFault> Parse(IEnumerable<string> lines)
    {
        var faults = new List<PlantedFault>();
        PlantedFault? fault = null;
        foreach (var line in lines.Append("= "))
        {
            var text = line.Length < 2 ? "" : line[2..];
            switch (line.Length == 0 ? ' ' : line[0])
            {
                case '=':
                    if (fault is not null)
                    {
                        faults.Add(fault with { Text = fault.Text[..^1], Replacement = fault.Replacement.Length == 0 ? "" : fault.Replacement[..^1] });
                    }

                    fault = new PlantedFault(text, "", "", "", "", null);
                    break;
                case '@':
                    fault = fault! with { File = text };
                    break;
                case '!':
                    fault = fault! with { Breaks = text };
                    break;
                case '?':
                    fault = fault! with { Seed = text == "not found" ? null : ulong.Parse(text, CultureInfo.InvariantCulture) };
                    break;
                case '-':
                    fault = fault! with { Text = fault.Text + text + "\n" };
                    break;
                case '+':
                    fault = fault! with { Replacement = fault.Replacement + text + "\n" };
                    break;
                case ' ' or '#':
                    break;
                default:
                    throw new InvalidDataException($"A line of the planted faults begins with \"{line[0]}\". Use =, @, !, ?, -, + or #.");
            }
        }

        return faults;
    }
}
