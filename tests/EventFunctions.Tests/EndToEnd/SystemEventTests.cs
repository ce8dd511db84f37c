using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What Azure's services send, after the examples in their documentation, which each file names.</summary>
public sealed class SystemEventTests
{
    private static readonly string Folder = Repository.File("tests/EventFunctions.Tests/Intake/SystemEvents");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_that_the_services_of_Azure_send_is_accepted_and_completed()
    {
        JsonElement[] corpus = [.. Directory.EnumerateFiles(Folder).SelectMany(file => JsonElement.Parse(File.ReadAllText(file)).GetProperty("events").EnumerateArray())];
        await using var service = await Service.StartAsync(settings:
            [.. corpus.Select(SourceOf).Distinct().SelectMany((source, i) => new[] { ($"Producers:{i}:name", $"azure-{i}"), ($"Producers:{i}:source", source) })]);
        var sent = new List<(string Id, string Source, string? DataSchema)>();
        foreach (var one in corpus)
        {
            using var content = ContentOf(one, out var id);
            using var answer = await service.PostAsync(content);
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{one}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
            sent.Add((id, SourceOf(one), one.TryGetProperty("dataschema", out var schema) ? schema.GetString() : null));
        }

        foreach (var (id, source, dataSchema) in sent)
        {
            var record = default(JsonElement);
            await Poll.UntilAsync(
                async () =>
                {
                    using var read = JsonDocument.Parse(await service.Client.GetStringAsync($"/api/events/{id}?source={Uri.EscapeDataString(source)}", Cancellation));
                    record = read.RootElement.Clone();
                    return record.GetProperty("status").GetString() is not ("recorded" or "enriching");
                },
                () => record.GetRawText());

            Assert.Equal("completed", record.GetProperty("status").GetString());
            Assert.Equal(dataSchema, record.TryGetProperty("dataschema", out var kept) ? kept.GetString() : null);
            Assert.Equal(dataSchema is not null, Service.Steps(record).Contains("irregular"));
        }
    }

    private static string SourceOf(JsonElement one) =>
        one.TryGetProperty("headers", out var headers) ? headers.GetProperty("ce-source").GetString()! : one.GetProperty("source").GetString()!;

    private static ByteArrayContent ContentOf(JsonElement one, out string id)
    {
        if (!one.TryGetProperty("headers", out var headers))
        {
            id = one.GetProperty("id").GetString()!;
            return new StringContent(one.GetRawText(), new MediaTypeHeaderValue("application/cloudevents+json") { CharSet = "utf-8" });
        }

        id = headers.GetProperty("ce-id").GetString()!;
        var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(one.GetProperty("body").GetString()!));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(one.GetProperty("contentType").GetString()!);
        foreach (var header in headers.EnumerateObject())
        {
            content.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }

        return content;
    }
}
