using System.Net;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Preparation.Entities;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.EndToEnd;

public sealed class EntityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string PathOf(string subject) =>
        $"/api/entities/{Uri.EscapeDataString(EventPath.ToSegment(Service.Source))}/{Uri.EscapeDataString(EventPath.ToSegment(subject))}";

    private static async Task<JsonElement> GetAsync(Service service, string path) =>
        JsonElement.Parse(await service.Client.GetByteArrayAsync(path, Cancellation));

    private const string AdministrationKey = "an administration key of the tests";

    [Fact]
    public async Task What_is_known_of_an_entity_can_be_read_whatever_its_name_and_made_again_from_the_store()
    {
        await using var service = await Service.StartAsync(settings: [("RebuildSchedule", "* * * * * *"), ("Administration:Key", AdministrationKey)]);
        const string odd = "~a/b?c#ä 100%";
        var store = service.Host.Services.GetRequiredService<IEventStore>();
        foreach (var (id, subject, minute) in new[] { ("1", "42", 1), ("2", "42", 2), ("3", odd, 3) })
        {
            var record = EntityScenario.Record(id, subject, "thing.changed", minute, source: Service.Source, completedRun: 0);
            await store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation);
            await store.CreateAsync([record], Cancellation);
        }

        var entity = default(JsonElement);
        await Poll.UntilAsync(
            async () =>
            {
                using var answer = await service.Client.GetAsync(PathOf("42"), Cancellation);
                entity = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Cancellation));
                return answer.IsSuccessStatusCode && entity.GetProperty("events").GetInt32() == 2 && entity.TryGetProperty("data", out _);
            },
            () => entity.GetRawText());
        Assert.Equal("2", entity.GetProperty("types").GetProperty("thing.changed").GetProperty("latest").GetProperty("id").GetString());
        Assert.Contains("changed", await service.Client.GetStringAsync(entity.GetProperty("types").GetProperty("thing.changed").GetProperty("latest").GetProperty("href").GetString(), Cancellation));
        await service.Client.GetStringAsync(entity.GetProperty("data").GetProperty("href").GetString(), Cancellation);

        await Poll.UntilAsync(async () => (await service.Client.GetAsync(PathOf(odd), Cancellation)).IsSuccessStatusCode, () => odd);
        Assert.Equal(odd, (await GetAsync(service, PathOf(odd))).GetProperty("subject").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.GetAsync(PathOf("43"), Cancellation)).StatusCode);

        await ListsAsync(service);
        await RebuildsAsync(service);
    }

    private static async Task ListsAsync(Service service)
    {
        var first = await GetAsync(service, "/api/entities?limit=1&source=" + Uri.EscapeDataString(Service.Source));
        Assert.Equal(1, first.GetProperty("items").GetArrayLength());
        var continuation = first.GetProperty("continuation").GetString()!;
        var second = await GetAsync(service, $"/api/entities?limit=1&source={Uri.EscapeDataString(Service.Source)}&continuation={continuation}");
        Assert.NotEqual(first.GetProperty("items")[0].GetProperty("subject").GetString(), second.GetProperty("items")[0].GetProperty("subject").GetString());
        Assert.False(second.TryGetProperty("continuation", out _));
        Assert.Equal(0, (await GetAsync(service, "/api/entities?source=/other")).GetProperty("items").GetArrayLength());
        foreach (var bad in new[] { "?continuation=" + continuation, "?limit=0", "?subject=42", "?source=", "?limit=1&limit=2" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await service.Client.GetAsync("/api/entities" + bad, Cancellation)).StatusCode);
        }

        var history = await GetAsync(service, PathOf("42") + "/events?limit=1");
        Assert.Equal("2", history.GetProperty("items")[0].GetProperty("id").GetString());
        var rest = await GetAsync(service, PathOf("42") + "/events?continuation=" + history.GetProperty("continuation").GetString());
        Assert.Equal("1", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await service.Client.GetAsync(PathOf("~") + "/events?continuation=" + history.GetProperty("continuation").GetString(), Cancellation)).StatusCode);
    }

    private static async Task RebuildsAsync(Service service)
    {
        using var unasked = await service.Client.PostAsync("/api/entities/rebuild", null, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, unasked.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/entities/rebuild") { Headers = { { "x-admin-key", AdministrationKey } } };
        using var asked = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var state = default(JsonElement);
        await Poll.UntilAsync(
            async () => (state = await GetAsync(service, asked.Headers.Location!.OriginalString)).GetProperty("generation").GetInt32() == 2, () => state.GetRawText());
        Assert.Equal(2, (await GetAsync(service, PathOf("42"))).GetProperty("events").GetInt32());
    }
}
