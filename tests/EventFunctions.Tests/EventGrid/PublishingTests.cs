using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Messaging;
using Azure.Messaging.EventGrid;
using EventFunctions.Local.EventGrid;

namespace EventFunctions.Tests.EventGrid;

public sealed class PublishingTests
{
    private const string Valid = """{"specversion":"1.0","id":"1","source":"/s","type":"t"}""";

    [Fact]
    public async Task The_real_client_publishes_CloudEvents_with_either_key()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));

        await grid.Client().SendEventAsync(
            new CloudEvent("/s", "t", new { x = 1 }) { Id = "one" },
            TestContext.Current.CancellationToken);
        await grid.Client(key: TestGrid.SecondKey).SendEventsAsync(
            [new CloudEvent("/s", "t", null) { Id = "two" }, new CloudEvent("/s", "t", null) { Id = "three" }],
            TestContext.Current.CancellationToken);

        await Eventually.Holds(() => subscriber.Ids.ToHashSet().SetEquals(["one", "two", "three"]));
    }

    [Fact]
    public async Task The_real_client_publishes_the_Event_Grid_schema_and_the_grid_fills_in_what_it_leaves_out()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.EventGridTopic(TestGrid.Function(subscriber))] });

        await grid.Client("classic").SendEventAsync(
            new EventGridEvent("subject", "type", "2.0", new { x = 1 }) { Id = "one" },
            TestContext.Current.CancellationToken);

        await Eventually.Holds(() => subscriber.Deliveries.Any());
        var delivered = subscriber.Deliveries.Single().Json[0];
        Assert.EndsWith("/Microsoft.EventGrid/topics/classic", delivered.GetProperty("topic").GetString(), StringComparison.Ordinal);
        Assert.Equal("1", delivered.GetProperty("metadataVersion").GetString());
        Assert.Equal("2.0", delivered.GetProperty("dataVersion").GetString());
        Assert.Equal("type", delivered.GetProperty("eventType").GetString());
    }

    [Fact]
    public async Task The_real_client_is_told_that_its_key_is_wrong()
    {
        await using var grid = await TestGrid.StartAsync();

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => grid.Client(key: "d3Jvbmc=").SendEventAsync(
            new CloudEvent("/s", "t", null),
            TestContext.Current.CancellationToken));

        Assert.Equal(401, refused.Status);
        Assert.Equal("Unauthorized", refused.ErrorCode);
    }

    [Fact]
    public async Task The_real_client_publishes_with_a_signed_token_until_it_expires()
    {
        await using var grid = await TestGrid.StartAsync();
        var endpoint = new Uri(grid.Endpoint());
        var valid = SignToken(endpoint, DateTimeOffset.UtcNow.AddMinutes(5), TestGrid.SecondKey);
        var expired = SignToken(endpoint, DateTimeOffset.UtcNow.AddMinutes(-5), TestGrid.Key);
        var forged = SignToken(endpoint, DateTimeOffset.UtcNow.AddMinutes(5), "d3Jvbmc=");

        await Client(valid).SendEventAsync(new CloudEvent("/s", "t", null), TestContext.Current.CancellationToken);
        foreach (var token in new[] { expired, forged })
        {
            var refused = await Assert.ThrowsAsync<RequestFailedException>(
                () => Client(token).SendEventAsync(new CloudEvent("/s", "t", null), TestContext.Current.CancellationToken));
            Assert.Equal(401, refused.Status);
        }

        EventGridPublisherClient Client(string token) =>
            new(endpoint, new AzureSasCredential(token), new EventGridPublisherClientOptions { Retry = { MaxRetries = 0 } });
    }

    [Fact]
    public async Task The_real_client_is_told_that_its_event_is_too_large()
    {
        await using var grid = await TestGrid.StartAsync();

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => grid.Client().SendEventAsync(
            new CloudEvent("/s", "t", new string('x', 1024 * 1024)),
            TestContext.Current.CancellationToken));

        Assert.Equal(413, refused.Status);
    }

    [Fact]
    public async Task A_request_of_exactly_one_megabyte_is_taken_and_one_byte_more_is_not_however_it_is_sent()
    {
        await using var grid = await TestGrid.StartAsync();
        var largest = Encoding.UTF8.GetBytes(Valid.PadRight(1024 * 1024));

        using var taken = await grid.PostAsync(largest);
        using var refused = await grid.PostAsync([.. largest, (byte)' ']);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, grid.Endpoint());
        chunked.Content = new StreamContent(new MemoryStream([.. largest, (byte)' ']));
        chunked.Content.Headers.ContentType = new("application/cloudevents+json");
        chunked.Headers.Add("aeg-sas-key", TestGrid.Key);
        chunked.Headers.TransferEncodingChunked = true;
        using var refusedChunked = await TestGrid.Http.SendAsync(chunked, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refusedChunked.StatusCode);
    }

    [Theory]
    [InlineData("nowhere", "application/cloudevents+json", TestGrid.Key, 404, "NotFound", "ResourceNotFound")]
    [InlineData("events", "application/cloudevents+json", null, 401, "Unauthorized", "Unauthorized")]
    [InlineData("events", "application/cloudevents+json", "", 401, "Unauthorized", "Unauthorized")]
    [InlineData("events", "text/plain", TestGrid.Key, 415, "UnsupportedMediaType", "InvalidContentType")]
    [InlineData("events", "application/cloudevents-batch+json", TestGrid.Key, 400, "BadRequest", "InputJsonInvalid")]
    public async Task Refusals_have_the_services_form(string topic, string contentType, string? key, int status, string code, string detail)
    {
        await using var grid = await TestGrid.StartAsync();

        using var response = await grid.PostAsync(Encoding.UTF8.GetBytes(Valid), contentType, topic, key);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.Contains("x-ms-request-id"));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var error = json.RootElement.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(detail, error.GetProperty("details")[0].GetProperty("code").GetString());
        Assert.Equal(error.GetProperty("message").GetString(), error.GetProperty("details")[0].GetProperty("message").GetString());
        Assert.EndsWith("raise a support ticket.", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.Unauthorized)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task Bearer_tokens_are_a_matter_of_the_setting(bool accept, HttpStatusCode expected)
    {
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.CloudEventsTopic()], AcceptBearerTokens = accept });
        using var request = new HttpRequestMessage(HttpMethod.Post, grid.Endpoint());
        request.Content = new StringContent(Valid, Encoding.UTF8, "application/cloudevents+json");
        request.Headers.Add("Authorization", "Bearer anything");

        using var response = await TestGrid.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    // As EventGridSasBuilder does, which itself needs a culture that this process does without.
    private static string SignToken(Uri endpoint, DateTimeOffset expiry, string key)
    {
        var resource = WebUtility.UrlEncode(endpoint + "?api-version=2018-01-01");
        var text = $"r={resource}&e={WebUtility.UrlEncode(expiry.ToString("M/d/yyyy h:mm:ss tt zzz", CultureInfo.InvariantCulture))}";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(text));
        return $"{text}&s={WebUtility.UrlEncode(Convert.ToBase64String(signature))}";
    }
}
