using System.IO.Compression;
using Pulumi;

namespace EventFunctions.Infra.Tests;

public sealed class CodePackageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("eventfunctions-package").FullName;

    [Fact]
    public void The_same_files_make_the_same_package_whenever_they_were_written()
    {
        var first = Publish("first", "code");
        var second = Publish("second", "code");
        File.SetLastWriteTimeUtc(Path.Combine(second, "host.json"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(CodePackage.Pack(first, Zip("1")).Hash, CodePackage.Pack(second, Zip("2")).Hash);
    }

    [Fact]
    public void Other_code_makes_another_package()
    {
        Assert.NotEqual(CodePackage.Pack(Publish("a", "code"), Zip("1")).Hash, CodePackage.Pack(Publish("b", "other code"), Zip("2")).Hash);
    }

    [Fact]
    public void A_package_has_the_hidden_folder_and_no_local_settings()
    {
        var package = CodePackage.Pack(Publish("app", "code"), Zip("1"));

        using var zip = ZipFile.OpenRead(package.Path);
        Assert.Equal(
            [".azurefunctions/function.deps.json", "EventFunctions.dll", "host.json", "worker.config.json"],
            zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal(1980, e.LastWriteTime.Year));
    }

    [Fact]
    public void A_folder_that_is_no_published_app_is_refused()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_root, "empty")).FullName;

        var error = Assert.Throws<RunException>(() => CodePackage.Pack(empty, Zip("1")));

        Assert.StartsWith($"package is \"{empty}\", which has no host.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("example: dotnet publish", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Zip(string name) => Path.Combine(_root, $"{name}.zip");

    private string Publish(string name, string code)
    {
        var folder = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.Combine(folder, ".azurefunctions"));
        File.WriteAllText(Path.Combine(folder, "host.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "worker.config.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "local.settings.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "EventFunctions.dll"), code);
        File.WriteAllText(Path.Combine(folder, ".azurefunctions", "function.deps.json"), "{}");
        return folder;
    }
}
