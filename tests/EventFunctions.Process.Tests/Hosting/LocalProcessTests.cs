using System.Diagnostics;
using System.Globalization;
using System.Net;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class LocalProcessTests : IDisposable
{
    private readonly TemporaryFolder _temp = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_built_host_serves_refuses_a_second_one_on_its_data_and_drains_when_it_is_told_to_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        using var host = Start("--urls", "http://127.0.0.1:0", "--data", _temp.Path, "--setting", "Sample:Enabled=false");
        var address = await AddressAsync(host);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var answer = await client.GetAsync(new Uri(address, "nothing/here"), Cancellation);
        using var second = Start("--urls", "http://127.0.0.1:0", "--data", _temp.Path);
        await second.EndsAsync();

        using var kill = Process.Start("kill", ["-TERM", host.Id.ToString(CultureInfo.InvariantCulture)]);
        await host.EndsAsync();

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("in use by another process", Assert.Single((await second.StandardError.RestAsync()).TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(0, host.ExitCode);
    }

    [Fact]
    public void The_built_host_gives_back_what_payloads_of_1_MB_leave_in_its_heap() => Assert.Contains(
        "\"System.GC.ConserveMemory\": 7",
        File.ReadAllText(Path.ChangeExtension(typeof(LocalHost).Assembly.Location, ".runtimeconfig.json")),
        StringComparison.Ordinal);

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(LocalHost).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task<Uri> AddressAsync(Process host)
    {
        while (await host.StandardOutput.LineAsync() is { } line)
        {
            if (line.LastIndexOf("http://", StringComparison.Ordinal) is var at and >= 0)
            {
                return new Uri(line[at..]);
            }
        }

        throw new InvalidOperationException(await host.StandardError.RestAsync());
    }
}
