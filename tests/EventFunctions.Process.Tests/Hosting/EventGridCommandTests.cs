using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;
using EventFunctions.Composition;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Producers;
using EventFunctions.Tests.EndToEnd;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Hosting;

/// <summary><c>eventgrid</c>: the local Event Grid and the sample producer for functions that run elsewhere, here a stub.</summary>
public sealed class EventGridCommandTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _temp = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task What_is_published_is_delivered_to_the_functions_and_what_it_says_to_set_makes_them_work()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        var deliveries = Channel.CreateUnbounded<(string? Function, string Body)>();
        await using var functions = await TestServer.StartAsync(_ => { }, app => app.MapPost("/runtime/webhooks/EventGrid", async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            deliveries.Writer.TryWrite((context.Request.Query["functionName"], await body.ReadToEndAsync(Cancellation)));
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }));
        var start = HostProcess.Command(
            "eventgrid", "--urls", "http://127.0.0.1:0", "--data", _temp.Path, "--functions", functions.Client.BaseAddress!.OriginalString);
        start.WorkingDirectory = _temp.Path;
        using var grid = Process.Start(start)!;
        try
        {
            var said = await SaidAsync(grid);
            var settings = Values(said);
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

            using var publication = new HttpRequestMessage(HttpMethod.Post, settings["EventGrid__Endpoint"] + "?api-version=2018-01-01");
            publication.Headers.Add("aeg-sas-key", settings["EventGrid__Key"]);
            publication.Content = new StringContent(
                """[{"specversion":"1.0","id":"1","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}]""",
                new MediaTypeHeaderValue("application/cloudevents-batch+json"));
            using var published = await client.SendAsync(publication, Cancellation);
            var (function, body) = await deliveries.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Deadline, Cancellation);

            using var policy = await client.GetAsync(new Uri(settings["Producers__sample__data__baseUrl"] + "policies/policy-42"), Cancellation);

            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
            Assert.Equal(("EnrichEvent", "policy-42"), (function, JsonElement.Parse(body).GetProperty("subject").GetString()));
            Assert.Equal(HttpStatusCode.OK, policy.StatusCode);
            await CheckAsync(settings);
            Assert.Contains(said, line => line.StartsWith($"  curl -i -X POST {functions.Client.BaseAddress}api/events ", StringComparison.Ordinal));

            using var kill = Process.Start("kill", ["-TERM", grid.Id.ToString(CultureInfo.InvariantCulture)]);
            await grid.EndsAsync();
            Assert.Equal(0, grid.ExitCode);
        }
        finally
        {
            grid.Kill();
        }
    }

    // The deployed app starts with the settings, and knows the producer.
    private static async Task CheckAsync(Dictionary<string, string?> settings)
    {
        await using var services = new ServiceCollection().AddLogging().AddEventFunctions(WorkerSettings.Read(settings)).BuildServiceProvider();
        services.GetRequiredService<IStartupValidator>().Validate();
        var producer = await services.GetRequiredService<IProducerRegistry>().FindBySourceAsync(SampleProducers.Source, Cancellation);
        Assert.Equal(SampleProducers.Types.Order(), producer!.Types.Keys.Order());
    }

    private static Dictionary<string, string?> Values(List<string> said)
    {
        using var file = JsonDocument.Parse(string.Join('\n', said[said.IndexOf("{")..(said.IndexOf("}") + 1)]));
        return file.RootElement.GetProperty("Values").EnumerateObject()
            .ToDictionary(value => value.Name, value => value.Value.GetString());
    }

    private static async Task<List<string>> SaidAsync(Process host)
    {
        var said = new List<string>();
        while (await host.StandardOutput.LineAsync() is { } line)
        {
            said.Add(line);
            if (line.StartsWith("Serving.", StringComparison.Ordinal))
            {
                return said;
            }
        }

        throw new InvalidOperationException(await host.StandardError.RestAsync());
    }
}
