namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>A new data folder that goes with the scenario.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("eventfunctions-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
