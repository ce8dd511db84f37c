using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

public sealed class RefusalTextTests
{
    private const string Key = "an-administration-key-of-the-tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_names_the_next_step_and_only_to_administrators_what_is_registered()
    {
        await using var service = await Service.StartAsync(settings:
        [
            ("Administration:Key", Key),
            ("Producers:8:name", "strict"),
            ("Producers:8:source", "/strict"),
            ("Producers:8:types:order.placed", "{}"),
        ]);
        const string UnknownSource = "Unknown source \"/nobody\". Register a producer for it (PUT /api/producers/{name}).";
        const string UnknownType = "Unknown type \"order.plcaed\". Add it to the types of the producer \"strict\" (PUT /api/producers/strict).";

        Assert.Equal((403, UnknownSource), await PostAsync("/nobody", "t", null));
        var (status, detail) = await PostAsync("/nobody", "t", Key);
        Assert.Equal(403, status);
        Assert.StartsWith($"{UnknownSource} Registered sources: ", detail, StringComparison.Ordinal);
        Assert.Contains("\"/strict\"", detail, StringComparison.Ordinal);
        Assert.Contains($"\"{Service.Source}\"", detail, StringComparison.Ordinal);
        Assert.Equal((400, UnknownType), await PostAsync("/strict", "order.plcaed", null));
        Assert.Equal((400, $"{UnknownType} Registered types: \"order.placed\"."), await PostAsync("/strict", "order.plcaed", Key));

        async Task<(int Status, string Detail)> PostAsync(string source, string type, string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events")
            {
                Content = Service.Structured($$"""{"specversion":"1.0","id":"1","source":"{{source}}","type":"{{type}}"}"""),
            };
            var (status, problem) = await SendAsync(service, request, key);
            return (status, problem.GetProperty("errors")[0].GetProperty("detail").GetString()!);
        }
    }

    [Fact]
    public async Task A_missing_administration_key_and_a_wrong_one_are_told_apart()
    {
        await using var service = await Service.StartAsync(settings: ("Administration:Key", Key));

        Assert.StartsWith("Only administrators may do this. Send the administration key in x-admin-key", await DetailAsync(null), StringComparison.Ordinal);
        Assert.Equal("The administration key in x-admin-key is wrong. It is the value of Administration:Key.", await DetailAsync("wrong"));

        async Task<string> DetailAsync(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/producers");
            return (await SendAsync(service, request, key)).Problem.GetProperty("detail").GetString()!;
        }
    }

    private static async Task<(int Status, JsonElement Problem)> SendAsync(Service service, HttpRequestMessage request, string? key)
    {
        if (key is not null)
        {
            request.Headers.Add("x-admin-key", key);
        }

        using var response = await service.Client.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)));
    }
}
