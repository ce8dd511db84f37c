using System.Diagnostics;
using System.Runtime.Versioning;
using EventFunctions.Local.CommandLine;
using EventFunctions.Local.EventGrid;
using EventFunctions.Local.Hosting;
using EventFunctions.Sqlite;

namespace EventFunctions.Tests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode FolderMode = FilesMode | UnixFileMode.UserExecute;
    private const UnixFileMode FilesMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _temp = new();

    public PrivateFilesTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "A file's mode is Unix's.");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_database_in_a_folder_that_others_may_list_is_readable_by_its_owner_alone()
    {
        var folder = Folder("shared", "755");
        var database = new SqliteDatabase(Path.Combine(folder, "events.db"), ["CREATE TABLE t (a)"]);
        using var writer = database.OpenWriter();

        var files = Directory.GetFiles(folder);
        Assert.Equal(["events.db", "events.db-shm", "events.db-wal"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(FilesMode, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_database_that_others_could_read_no_longer_lets_them()
    {
        var database = new SqliteDatabase(Planted("events.db", "644", ""), ["CREATE TABLE t (a)"]);

        using var writer = database.OpenWriter();

        Assert.Equal(FilesMode, File.GetUnixFileMode(database.Path));
    }

    [Fact]
    public async Task Dead_letters_and_their_folders_are_their_owners_alone()
    {
        var root = _temp.File("new/letters");

        var blob = await new DeadLetterFolder(root).WriteAsync("deadletters-crm", "CRM/2026/1.json", "[]"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(FilesMode, File.GetUnixFileMode(blob.LocalPath));
        for (var folder = Path.GetDirectoryName(blob.LocalPath)!; folder != _temp.Path; folder = Path.GetDirectoryName(folder)!)
        {
            Assert.Equal(FolderMode, File.GetUnixFileMode(folder));
        }
    }

    [Fact]
    public void A_folder_for_dead_letters_that_cannot_be_created_ends_the_start()
    {
        File.WriteAllText(_temp.File("letters"), "a file");

        var fault = Assert.Throws<GridConfigurationException>(() => new DeadLetterFolder(_temp.File("letters/below")));

        Assert.Contains("Set LocalEventGrid:DeadLetterFolder to another folder.", Assert.Single(fault.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("777")]
    [InlineData("775")]
    [InlineData("702")]
    [InlineData("1777")]
    public async Task A_data_folder_that_others_can_write_to_is_refused_with_the_command_that_mends_it(string mode)
    {
        var folder = Folder("data", mode);
        File.WriteAllText(Path.Combine(folder, LocalSettings.AdministrationKeyFile), Convert.ToBase64String(new byte[32]));

        Assert.EndsWith($"chmod go-w {folder}", await RefusalAsync(folder));
        await MendAsync($"chmod go-w {folder}");
        DataFolder.Open(folder).Dispose();
    }

    [Theory]
    [InlineData("666", "chmod go-w ")]
    [InlineData("620", "chmod go-w ")]
    [InlineData("link", "rm ")]
    public async Task A_key_that_others_can_write_is_refused_with_the_command_that_mends_it(string mode, string command)
    {
        var file = Planted("data/" + LocalSettings.AdministrationKeyFile, mode, Convert.ToBase64String(new byte[32]));

        Assert.EndsWith(command + file, await RefusalAsync(Path.GetDirectoryName(file)!));
    }

    [Theory]
    [InlineData("events.db", "666")]
    [InlineData("events.db-wal", "622")]
    [InlineData("eventgrid.db", "666")]
    [InlineData("lock", "666")]
    [InlineData("local.settings.json", "666")]
    [InlineData("topics.json", "606")]
    [InlineData("fetches.log", "666")]
    public async Task A_file_of_the_service_that_others_can_write_is_refused_with_the_command_that_mends_it(string name, string mode)
    {
        var file = Planted("data/" + name, mode, name.EndsWith(".json", StringComparison.Ordinal) ? "{}" : "");
        var folder = Path.GetDirectoryName(file)!;

        var refusal = await RefusalAsync(folder, name == "topics.json" ? $"LocalEventGrid:TopicsFile={file}" : $"Sample:FetchLog={folder}/fetches.log");

        Assert.EndsWith($"chmod go-w {file}", refusal);
    }

    [Fact]
    public async Task A_folder_of_databases_or_dead_letters_that_others_can_write_to_is_refused()
    {
        var elsewhere = Folder("elsewhere", "777");

        Assert.EndsWith($"chmod go-w {elsewhere}", await RefusalAsync(_temp.File("data"), $"Sqlite:Path={elsewhere}/events.db"));
        Assert.EndsWith($"chmod go-w {elsewhere}", await RefusalAsync(_temp.File("data"), $"LocalEventGrid:DeadLetterFolder={elsewhere}"));
    }

    [Fact]
    public void Settings_beside_the_process_are_refused_where_others_can_replace_them()
    {
        var file = Planted("checkout/local.settings.json", "644", """{ "Values": { "Administration:Key": "planted" } }""");
        var folder = Path.GetDirectoryName(file)!;
        Assert.Equal("planted", LocalSettingsFile.Read(file)["Administration:Key"]);

        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        Assert.EndsWith($"chmod go-w {folder}", Assert.Throws<HostStartException>(() => LocalSettingsFile.Read(file)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(folder, UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111);
        Assert.NotEmpty(LocalSettingsFile.Read(file));
    }

    [Theory]
    [InlineData("administration.key")]
    [InlineData("local.settings.json")]
    [InlineData("")]
    public async Task A_file_or_folder_of_another_user_is_refused(string name)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can give a file away.");
        var folder = Folder("data", "755");
        var file = name.Length == 0 ? folder : Planted("data/" + name, "600", "{}");
        await MendAsync($"chown 12345 {file}");

        Assert.EndsWith($"sudo chown root {file}", await RefusalAsync(folder));
    }

    [Theory]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh", "ann:x:1000:", true)]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh", "ann:x:1000:ann", true)]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh", "ann:x:1000:bob", false)]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh|bob:x:1001:1000::/home/bob:/bin/sh", "ann:x:1000:", false)]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh", "staff:x:1000:", false)]
    [InlineData("ann:x:1000:1000::/home/ann:/bin/sh", "ann:x:1001:", false)]
    [InlineData("bob:x:1001:1000::/home/bob:/bin/sh", "ann:x:1000:", false)]
    [InlineData("", "", false)]
    public void A_group_is_private_if_it_is_the_users_own_and_no_one_else_is_in_it(string users, string groups, bool expected) =>
        Assert.Equal(expected, PrivateGroup.Is(1000, 1000, users.Split('|'), groups.Split('|')));

    private string Folder(string name, string mode)
    {
        var folder = _temp.File(name);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32(mode, 8));
        return folder;
    }

    private string Planted(string name, string mode, string content)
    {
        var file = _temp.File(name);
        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!, FolderMode);
        }

        if (mode == "link")
        {
            File.WriteAllText(file + ".target", content);
            File.CreateSymbolicLink(file, file + ".target");
            return file;
        }

        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
        return file;
    }

    // The one line that the command says.
    private static async Task<string> RefusalAsync(string folder, params string[] settings)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments = ["--urls", "http://127.0.0.1:0", "--data", folder, .. settings.SelectMany(setting => (string[])["--setting", setting])];
        var run = HostCommand.RunAsync(arguments, new Terminal(output, error, interactive: false));
        Assert.Equal(HostCommand.Unusable, await run.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        return Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    private static async Task MendAsync(string command)
    {
        using var process = Process.Start("sh", ["-c", command]);
        await process.EndsAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
