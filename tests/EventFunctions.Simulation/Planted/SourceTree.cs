namespace EventFunctions.Simulation.Planted;

/// <summary>The sources that this program was built from.</summary>
internal sealed class SourceTree
{
    private readonly string _root;

    private SourceTree(string root) => _root = root;

    /// <summary>The folder of the core.</summary>
    public string Core => Path.Combine(_root, "functions", "EventFunctions.Core");

    /// <summary>The list of planted faults.</summary>
    public string Faults => Path.Combine(_root, "tests", "EventFunctions.Simulation", "Planted", "faults.txt");

    /// <summary>Finds the sources above this program.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not lie in the folder of the repository.</exception>
    public static SourceTree Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var tree = new SourceTree(folder.FullName);
            if (Directory.Exists(tree.Core))
            {
                return tree;
            }
        }

        throw new DirectoryNotFoundException($"No source of the service lies above {AppContext.BaseDirectory}. Run the program in the repository.");
    }

    /// <summary>Reads a source file of the core.</summary>
    public string Read(string file) => File.ReadAllText(Path.Combine(Core, file));

    /// <summary>Returns the files of the core with an extension, without what the build made.</summary>
    public IEnumerable<string> Files(string extension) =>
        Directory.EnumerateFiles(Core, "*" + extension, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Core, path))
            .Where(file => !file.StartsWith("obj" + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !file.StartsWith("bin" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
}
