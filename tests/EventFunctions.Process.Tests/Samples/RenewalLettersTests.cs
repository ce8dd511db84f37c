using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Azure.Storage.Blobs;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Tests.Azurite;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using RenewalLetters;

namespace EventFunctions.Tests.Samples;

/// <summary>The sample in <c>docs/samples/renewal-letters</c>, run by this host.</summary>
public sealed class RenewalLettersTests(AzuriteAccount azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_renewed_policy_gets_one_letter_however_often_and_at_the_same_time_it_is_told_of()
    {
        var orders = await OrdersAsync();
        await using var app = await StartAsync(orders);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(app, "1:enriched", "1")));
        var replay = await PostAsync(app, "1:enriched:1", "1");

        Assert.All(answers.Append(replay), answer => Assert.Equal(HttpStatusCode.Accepted, answer));
        var order = Assert.Single(await ReadAsync(orders));
        Assert.Equal(
            """{"template":"policy-renewed","policy":"policy-42","to":"Ada Ito","address":{"city":"Bern"},"premium":512.400000000000000000001}""",
            order.GetRawText());
    }

    [Fact]
    public async Task Each_renewal_has_its_letter()
    {
        var orders = await OrdersAsync();
        await using var app = await StartAsync(orders);

        await PostAsync(app, "1:enriched", "1");
        await PostAsync(app, "2:enriched", "2");

        Assert.Equal(2, (await ReadAsync(orders)).Count);
    }

    [Theory]
    [InlineData("policy.renewed", "{}", HttpStatusCode.Accepted)]
    [InlineData("policy.cancelled.enriched", "{}", HttpStatusCode.Accepted)]
    [InlineData("policy.renewed.enriched", "{}", HttpStatusCode.InternalServerError)]
    [InlineData("policy.renewed.enriched", null, HttpStatusCode.InternalServerError)]
    public async Task Other_events_are_none_of_its_business_and_one_without_a_holder_is_delivered_again(string type, string? data, HttpStatusCode status)
    {
        var orders = await OrdersAsync();
        await using var app = await StartAsync(orders);

        Assert.Equal(status, await PostAsync(app, "1:enriched", "1", type, data));

        Assert.Empty(await ReadAsync(orders));
    }

    [Fact]
    public async Task Subscribed_by_its_topics_file_it_reacts_to_what_the_service_enriched()
    {
        var orders = await OrdersAsync();
        await using var app = await StartAsync(orders);
        using var folder = new TemporaryFolder();
        using var file = new StreamReader(typeof(RenewalLettersTests).Assembly.GetManifestResourceStream("renewal-letters-topics.json")!);
        var topics = await file.ReadToEndAsync(Stop);
        await File.WriteAllTextAsync(folder.File("topics.json"), topics.Replace(
            "http://127.0.0.1:7073/runtime/webhooks/EventGrid?functionName=OrderLetter",
            new Uri(app.Client.BaseAddress!, app.WebhookPath(nameof(OrderLetter))).AbsoluteUri,
            StringComparison.Ordinal), Stop);
        await using var service = await Service.StartAsync(settings: [("Sample:Enabled", "true"), ("LocalEventGrid:TopicsFile", folder.File("topics.json"))]);

        using var answer = await service.PostAsync(Service.Structured(
            $$"""{"specversion":"1.0","id":"renewal-1","source":"{{SampleProducers.Source}}","type":"policy.renewed","subject":"policy-42"}"""));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await Poll.UntilAsync(async () => (await ReadAsync(orders)).Count > 0, () => "no letter");
        Assert.Equal("policy-42", Assert.Single(await ReadAsync(orders)).GetProperty("policy").GetString());
    }

    private static Task<TestServer> StartAsync(BlobContainerClient orders) =>
        TestServer.StartFunctionsAsync(typeof(OrderLetter), services => services.AddSingleton(orders));

    private static async Task<HttpStatusCode> PostAsync(TestServer app, string id, string cause, string type = "policy.renewed.enriched", string? data = Policy)
    {
        using var content = new StringContent(
            $$"""{"specversion":"1.0","id":"{{id}}","source":"/insurance/policies","type":"{{type}}","subject":"policy-42","causationid":"{{cause}}"{{(data is null ? "" : $",\"data\":{data}")}}}""",
            new MediaTypeHeaderValue("application/cloudevents+json"));
        content.Headers.Add("aeg-event-type", "Notification");
        using var answer = await app.Client.PostAsync(new Uri(app.WebhookPath(nameof(OrderLetter)), UriKind.Relative), content, Stop);
        return answer.StatusCode;
    }

    private const string Policy = """{"policy":"policy-42","premium":512.400000000000000000001,"holder":{"name":"Ada Ito","address":{"city":"Bern"}}}""";

    private static async Task<IReadOnlyList<JsonElement>> ReadAsync(BlobContainerClient orders)
    {
        var read = new List<JsonElement>();
        await foreach (var blob in orders.GetBlobsAsync(cancellationToken: Stop))
        {
            var content = await orders.GetBlobClient(blob.Name).DownloadContentAsync(Stop);
            read.Add(JsonElement.Parse(content.Value.Content));
        }

        return read;
    }

    private async Task<BlobContainerClient> OrdersAsync()
    {
        var orders = new BlobContainerClient(await azurite.ConnectAsync(), $"orders-{Guid.NewGuid():N}");
        await orders.CreateAsync(cancellationToken: Stop);
        return orders;
    }
}
