using System.IO.Compression;
using EventFunctions.Http;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Http;

/// <summary>Fetches from a stub with the real client, and the answers that a stub may give.</summary>
internal static class Fetching
{
    private static readonly string[] ThisMachine = ["127.0.0.0/8", "::1/128"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<FetchedData> FetchAsync(
        StubServer server,
        string path = "policies/42",
        int limit = 100_000,
        Func<ProducerData, ProducerData>? change = null,
        string? secret = null)
    {
        var producer = Producer(new Uri(server.Url, "api/"), data => (change ?? (d => d))(data with { MaxBytes = limit }));
        return Client(secret: secret).FetchAsync(producer, new Uri(producer.Data!.BaseUrl, path), Cancellation);
    }

    public static Task<FetchException> FailAsync(StubServer server, Func<ProducerData, ProducerData>? change = null, string path = "policies/42") =>
        Assert.ThrowsAsync<FetchException>(() => FetchAsync(server, path, change: change));

    public static Producer Producer(Uri baseUrl, Func<ProducerData, ProducerData>? change = null) => new()
    {
        Name = "policies",
        Source = "/insurance/policies",
        Data = (change ?? (d => d))(new ProducerData { BaseUrl = baseUrl }),
    };

    public static ProducerClientOptions Options() =>
        new() { AllowedNetworks = ThisMachine, RetryDelay = TimeSpan.FromMilliseconds(1) };

    public static IProducerClient Client(ProducerClientOptions? options = null, string? secret = null, ITokenSource? tokens = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([new("ProducerSecrets:POLICIES", secret)]).Build());
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options ?? Options()));
        if (tokens is not null)
        {
            services.AddSingleton(tokens);
        }

        return services.AddProducerClient().BuildServiceProvider().GetRequiredService<IProducerClient>();
    }

    public static Func<HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public static Func<HttpContext, Task> Redirect(int status, string location) => context =>
    {
        context.Response.Headers.Location = location;
        return Status(status)(context);
    };

    public static Func<HttpContext, Task> Body(byte[] body) => context =>
    {
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    };

    public static Func<HttpContext, Task> Chunked(byte[] body) => context => context.Response.Body.WriteAsync(body).AsTask();

    public static Func<HttpContext, Task> Compressed(string encoding, byte[] body) => async context =>
    {
        context.Response.Headers.ContentEncoding = encoding;
        await using Stream stream = encoding switch
        {
            "gzip" => new GZipStream(context.Response.Body, CompressionLevel.Optimal),
            "br" => new BrotliStream(context.Response.Body, CompressionLevel.Optimal),
            _ => new ZLibStream(context.Response.Body, CompressionLevel.Optimal),
        };
        await stream.WriteAsync(body);
    };
}
