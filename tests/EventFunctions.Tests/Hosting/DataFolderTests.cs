using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_folder_that_is_taken_is_refused_in_one_line_until_it_is_free()
    {
        var path = _temp.File("new/data");
        using (DataFolder.Open(path))
        {
            var refused = Assert.Throws<HostStartException>(() => DataFolder.Open(path));

            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }

        using var again = DataFolder.Open(path);
        Assert.Equal(Path.GetFullPath(path), again.Path);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_in_one_line()
    {
        File.WriteAllText(_temp.File("file"), "");

        var refused = Assert.Throws<HostStartException>(() => DataFolder.Open(_temp.File("file/data")));

        Assert.Contains("cannot be used", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_made_once_and_kept()
    {
        string first, other;
        using (var folder = DataFolder.Open(_temp.Path))
        {
            first = folder.Secret("a.key");
            other = folder.Secret("b.key");
        }

        using var again = DataFolder.Open(_temp.Path);
        Assert.Equal(first, again.Secret("a.key"));
        Assert.NotEqual(first, other);
        Assert.Equal(32, Convert.FromBase64String(first).Length);
    }

    [Fact]
    public void Nobody_but_the_owner_reads_a_secret()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A file's mode is Unix's.");
        using var folder = DataFolder.Open(_temp.Path);

        folder.Secret("a.key");

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("a.key")));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("half")]
    [InlineData("no base64 at all, but long enough to be one")]
    public void A_secret_that_is_damaged_is_made_anew(string damaged)
    {
        using var folder = DataFolder.Open(_temp.Path);
        File.WriteAllText(folder.File("a.key"), damaged);

        var secret = folder.Secret("a.key");

        Assert.Equal(32, Convert.FromBase64String(secret).Length);
        Assert.Equal(secret, folder.Secret("a.key"));
    }
}
