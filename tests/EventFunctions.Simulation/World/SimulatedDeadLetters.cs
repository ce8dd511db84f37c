using System.Globalization;
using EventFunctions.Publication.DeadLetters;

namespace EventFunctions.Simulation.World;

/// <summary>The storage account that the topic writes dead letters to.</summary>
internal sealed class SimulatedDeadLetters : IDeadLetterStore
{
    private const string Base = "https://letters.example.com/";

    private readonly List<byte[]> _blobs = [];

    /// <summary>Writes a blob, and returns its URL.</summary>
    public string Write(byte[] content)
    {
        _blobs.Add(content);
        return string.Create(CultureInfo.InvariantCulture, $"{Base}deadletters-enrichment/{_blobs.Count - 1}.json");
    }

    public DeadLetterBlob? Locate(Uri url) => DeadLetterBlob.FromPath(url.AbsolutePath[1..]);

    public Task<Stream?> OpenAsync(DeadLetterBlob blob, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(new MemoryStream(_blobs[int.Parse(blob.Name.Split('.')[0], CultureInfo.InvariantCulture)]));
}
