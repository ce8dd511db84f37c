using System.Text.Json;

namespace EventFunctions.Composition;

/// <summary>
/// Finds settings whose name is nearly that of a setting. Settings within a section are checked by the code that reads it; a section that is
/// misspelled as a whole would be ignored.
/// </summary>
internal static class SettingNames
{
    private const string Sample = "local.settings.sample.json";
    private const int MaxDistance = 2;

    private static readonly string[] Separators = ["__", ":", "."];

    // The sample lists every setting; a test holds it to the code.
    private static readonly Lazy<HashSet<string>> Known = new(ReadSample);

    /// <summary>Returns one line for each name that is misspelled.</summary>
    /// <param name="names">Names of settings and, perhaps, of other things.</param>
    public static IEnumerable<string> Misspelled(IEnumerable<string> names) =>
        from top in Unlisted(names)
        let nearest = NearestTo(top)
        where nearest is not null
        select $"{top} is not a setting. Did you mean {nearest}?";

    /// <summary>Returns one line for each unknown name; for names that must be settings, or variables such as <c>OTEL_SERVICE_NAME</c>.</summary>
    /// <param name="names">Names of settings.</param>
    public static IEnumerable<string> Unknown(IEnumerable<string> names) =>
        from top in Unlisted(names)
        where MayBeOurs(top) || !top.Contains('_', StringComparison.Ordinal)
        select $"{top} is not a setting. See {Sample} for all settings.";

    /// <summary>Whether an environment variable may be meant as a setting of this service: those of others are in capitals.</summary>
    /// <param name="name">The variable's name.</param>
    public static bool MayBeOurs(string name) => name.Any(char.IsAsciiLetterLower);

    private static IEnumerable<string> Unlisted(IEnumerable<string> names) =>
        names.Select(TopOf).Distinct(StringComparer.OrdinalIgnoreCase).Where(top => !Known.Value.Contains(top));

    private static string TopOf(string name) => name.Split(Separators, 2, StringSplitOptions.None)[0];

    private static string? NearestTo(string name)
    {
        var upper = name.ToUpperInvariant();
        string? nearest = null;
        var most = Math.Min(MaxDistance, name.Length / 4);
        var least = most + 1;
        foreach (var known in Known.Value.Where(known => Math.Abs(known.Length - name.Length) <= most))
        {
            var distance = Distance(upper, known.ToUpperInvariant());
            if (distance < least || (distance == least && string.CompareOrdinal(known, nearest) < 0))
            {
                (nearest, least) = (known, distance);
            }
        }

        return nearest;
    }

    // How many letters were left out, added, exchanged or swapped with their neighbour.
    private static int Distance(string one, string other)
    {
        var distances = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distances[i, j] = i + j;
                    continue;
                }

                var exchange = one[i - 1] == other[j - 1] ? 0 : 1;
                var distance = Math.Min(distances[i - 1, j - 1] + exchange, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
                distances[i, j] = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]
                    ? Math.Min(distance, distances[i - 2, j - 2] + 1)
                    : distance;
            }
        }

        return distances[one.Length, other.Length];
    }

    private static HashSet<string> ReadSample()
    {
        using var file = typeof(SettingNames).Assembly.GetManifestResourceStream(Sample)
            ?? throw new InvalidOperationException($"The assembly has no {Sample}.");
        using var sample = JsonDocument.Parse(file);

        // AzureWebJobs.NAME.Disabled disables the function NAME.
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "AzureWebJobs" };
        foreach (var value in sample.RootElement.GetProperty("Values").EnumerateObject())
        {
            known.Add(TopOf(value.Name));
        }

        return known;
    }
}
