using System.Text;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>One service with a producer for each preset, named like it.</summary>
public sealed class SenderService : IAsyncLifetime
{
    /// <summary>The verify token of the producers that need one.</summary>
    public const string Token = "a-token-of-16-bytes-at-least";

    internal MessageService Service { get; private set; } = null!;

    internal static Producer ProducerOf(SenderSample sample)
    {
        // The senders' secrets differ, and the definitions call all of them SECRET.
        var definition = $$"""{ "name": "{{sample.Preset}}", "source": "/{{sample.Preset}}", "preset": "{{sample.Preset}}", {{sample.Definition.Replace("SECRET", SettingOf(sample.Preset), StringComparison.Ordinal)}} }""";
        var producer = new ProducerReader(new JsonSchemas()).Read(Encoding.UTF8.GetBytes(definition), null, out var errors);
        Assert.Empty(errors);
        return producer!;
    }

    public async ValueTask InitializeAsync()
    {
        var settings = SenderSamples.All.ToDictionary(sample => "ProducerSecrets:" + SettingOf(sample.Preset), sample => (string?)sample.Secret);
        settings["ProducerSecrets:TOKEN"] = Token;
        Service = await MessageService.StartAsync(SenderSamples.All.Select(ProducerOf), new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero), settings);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    private static string SettingOf(string preset) => preset.ToUpperInvariant().Replace('-', '_');
}
