using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Pulumi;

namespace EventFunctions.Infra;

/// <summary>The function app's code as a zip file that depends on nothing but its content, so that unchanged code is not deployed again.</summary>
/// <param name="Path">The zip file, relative to this program's folder.</param>
/// <param name="Hash">SHA-256 of the names and contents of its files, in hexadecimal: compression differs between machines.</param>
internal sealed record CodePackage(string Path, string Hash)
{
    private const string App = "../functions/EventFunctions";
    private const string PublishFolder = "bin/app";
    private const string ZipFile = "bin/package.zip";

    // Without the last, paths of this machine would make another machine's package of the same code another package.
    private static readonly string[] Publish =
        ["publish", App, "-c", "Release", "-o", PublishFolder, "--nologo", "-p:ContinuousIntegrationBuild=true"];

    // Written with the line ends of the machine that publishes.
    private static readonly string[] Json = [".json", ".metadata", ".config"];

    // What zip files count from.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Packs the function app.</summary>
    /// <param name="folder">Where it was published to; null publishes it first.</param>
    /// <param name="cancellationToken">Ends the publication.</param>
    /// <exception cref="RunException">It cannot be published, or the folder is not one of a published function app.</exception>
    public static async Task<CodePackage> CreateAsync(string? folder, CancellationToken cancellationToken)
    {
        if (folder is null)
            await PublishAsync(cancellationToken);

        return Pack(folder ?? PublishFolder, ZipFile);
    }

    /// <summary>Packs a folder.</summary>
    /// <param name="folder">The published function app.</param>
    /// <param name="zip">The file to write.</param>
    /// <exception cref="RunException">The folder is not one of a published function app.</exception>
    public static CodePackage Pack(string folder, string zip)
    {
        // Without .azurefunctions a host finds no trigger extension, starts all the same, and runs nothing.
        foreach (var part in new[] { "host.json", "worker.config.json", ".azurefunctions" })
        {
            if (!System.IO.Path.Exists(System.IO.Path.Combine(folder, part)))
            {
                throw new RunException($"package is \"{folder}\", which has no {part} and so is no published function app; "
                    + $"example: dotnet publish {App} -c Release -o {PublishFolder}, and no setting package.");
            }
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(zip))!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var archive = new ZipArchive(File.Create(zip), ZipArchiveMode.Create))
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => (File: f, Name: System.IO.Path.GetRelativePath(folder, f).Replace('\\', '/')))
                // Those are a developer's, and may hold secrets.
                .Where(f => !f.Name.StartsWith("local.settings", StringComparison.OrdinalIgnoreCase))
                .OrderBy(f => f.Name, StringComparer.Ordinal);
            foreach (var (file, name) in files)
            {
                var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = NoTime;
                entry.ExternalAttributes = Convert.ToInt32("100755", 8) << 16;
                var content = Content(file);
                hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{content.Length}\n"));
                hash.AppendData(content);
                using var into = entry.Open();
                into.Write(content);
            }
        }

        var archived = File.ReadAllBytes(zip);
        MarkAsUnix(archived);
        File.WriteAllBytes(zip, archived);
        return new CodePackage(zip.Replace('\\', '/'), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Says in an archive that it was made on Unix: one that says Windows has no permissions, and the host can read none of its files.</summary>
    /// <param name="zip">The archive, without a comment at its end.</param>
    internal static void MarkAsUnix(Span<byte> zip)
    {
        const int endLength = 22;
        const int headerLength = 46;
        const byte unix = 3;
        var end = zip[^endLength..];
        var header = zip[(int)BinaryPrimitives.ReadUInt32LittleEndian(end[16..])..];
        for (var left = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]); left > 0; left--)
        {
            header[5] = unix;
            var (name, extra, comment) = (
                BinaryPrimitives.ReadUInt16LittleEndian(header[28..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[30..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[32..]));
            header = header[(headerLength + name + extra + comment)..];
        }
    }

    private static byte[] Content(string file) => Json.Contains(System.IO.Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
        ? Encoding.UTF8.GetBytes(File.ReadAllText(file).ReplaceLineEndings("\n"))
        : File.ReadAllBytes(file);

    private static async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(PublishFolder))
            Directory.Delete(PublishFolder, recursive: true);

        var start = new ProcessStartInfo("dotnet", [.. Publish])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new RunException($"dotnet publish {App} failed:\n{await output}{await errors}");
    }
}
