namespace EventFunctions.Tests;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    /// <summary>The full path of a file.</summary>
    /// <param name="path">Its path from the root, with slashes.</param>
    public static string File(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "EventFunctions.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }
}
