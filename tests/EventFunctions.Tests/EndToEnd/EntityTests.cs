using System.Net;
using System.Text.Json;
using EventFunctions.Records;

namespace EventFunctions.Tests.EndToEnd;

public sealed class EntityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string PathOf(string subject) =>
        $"/api/entities/{Uri.EscapeDataString(EventPath.ToSegment(Service.Source))}/{Uri.EscapeDataString(EventPath.ToSegment(subject))}";

    private static async Task<JsonElement> GetAsync(Service service, string path) =>
        JsonElement.Parse(await service.Client.GetByteArrayAsync(path, Cancellation));

    [Fact]
    public async Task What_is_known_of_an_entity_can_be_read_whatever_its_name()
    {
        await using var service = await Service.StartAsync();
        const string odd = "~a/b?c#ä 100%";
        foreach (var (id, subject) in new[] { ("1", "42"), ("2", "42"), ("3", odd) })
        {
            using var posted = await service.PostAsync(Service.Structured(
                $$"""{"specversion":"1.0","id":"{{id}}","source":"{{Service.Source}}","type":"thing.changed","subject":"{{subject}}"}"""));
            await CompletedAsync(service, id);
        }

        var entity = await GetAsync(service, PathOf("42"));
        Assert.Equal(2, entity.GetProperty("events").GetInt32());
        Assert.Equal("2", entity.GetProperty("types").GetProperty("thing.changed").GetProperty("latest").GetProperty("id").GetString());
        Assert.Contains("changed", await service.Client.GetStringAsync(entity.GetProperty("types").GetProperty("thing.changed").GetProperty("latest").GetProperty("href").GetString(), Cancellation));
        await service.Client.GetStringAsync(entity.GetProperty("data").GetProperty("href").GetString(), Cancellation);
        Assert.Equal(odd, (await GetAsync(service, PathOf(odd))).GetProperty("subject").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.GetAsync(PathOf("43"), Cancellation)).StatusCode);
        await ListsAsync(service);
    }

    private static async Task CompletedAsync(Service service, string id)
    {
        var status = "";
        await Poll.UntilAsync(
            async () => (status = (await GetAsync(service, $"/api/events/{id}?source={Uri.EscapeDataString(Service.Source)}")).GetProperty("status").GetString()) == "completed",
            () => status ?? "");
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
}
