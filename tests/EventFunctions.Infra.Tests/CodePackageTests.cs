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
    public void The_hash_is_the_same_on_every_machine()
    {
        var windows = Publish("windows", "code");
        File.WriteAllText(Path.Combine(windows, "host.json"), "{\r\n}");
        var linux = Publish("linux", "code");
        File.WriteAllText(Path.Combine(linux, "host.json"), "{\n}");

        Assert.Equal("4c3dd485a95886f4e235ce09a349ec85d61b0a4bf815e1aa9c41872f48ca1d86", CodePackage.Pack(linux, Zip("1")).Hash);
        Assert.Equal(CodePackage.Pack(linux, Zip("1")).Hash, CodePackage.Pack(windows, Zip("2")).Hash);
        Assert.Equal(File.ReadAllBytes(Zip("1")), File.ReadAllBytes(Zip("2")));
    }

    [Fact]
    public void A_file_that_is_no_text_is_packed_as_it_is()
    {
        Assert.NotEqual(CodePackage.Pack(Publish("a", "code\n"), Zip("1")).Hash, CodePackage.Pack(Publish("b", "code\r\n"), Zip("2")).Hash);
    }

    [Fact]
    public void The_host_may_read_every_file_also_where_Windows_made_the_package()
    {
        CodePackage.Pack(Publish("app", "code"), Zip("1"));
        var made = File.ReadAllBytes(Zip("1"));
        var asByWindows = (byte[])made.Clone();
        for (var at = 0; (at = asByWindows.AsSpan(at).IndexOf("PK\u0001\u0002"u8) is var next and >= 0 ? at + next : -1) >= 0; at++)
            asByWindows[at + 5] = 0;

        Assert.NotEqual(made, asByWindows);
        CodePackage.MarkAsUnix(asByWindows);
        Assert.Equal(made, asByWindows);
        using var zip = ZipFile.OpenRead(Zip("1"));
        Assert.All(zip.Entries, e => Assert.Equal("100755", Convert.ToString(e.ExternalAttributes >>> 16, 8)));
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
