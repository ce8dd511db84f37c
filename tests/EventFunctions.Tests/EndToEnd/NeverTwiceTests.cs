using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

public sealed class NeverTwiceTests
{
    private const string Id = "the-one";
    private const string Digits = "123456789012345678901234567890.123456789012345678901234567890";

    private static readonly string Sent =
        $$$"""{"specversion":"1.0","id":"{{{Id}}}","source":"{{{Service.Source}}}","type":"thing.changed","subject":"it","datacontenttype":"application/json","data":{"a":1,"b":{{{Digits}}}}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_identical_posts_at_once_make_one_record_one_delivery_and_one_fetch()
    {
        await using var consumer = await Consumer.StartAsync();
        await using var service = await Service.StartAsync(consumer);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var answer = await service.PostAsync(Service.Structured(Sent));
            return (answer.StatusCode, Body: await answer.Content.ReadAsStringAsync(Cancellation));
        }));
        var record = await service.ReachesAsync(Id, "completed");

        // What comes through later shows that no copy of the first is still on its way.
        using var later = await service.PostAsync(Service.Event("later"));
        await Poll.UntilAsync(() => consumer.Received.ContainsKey("later:enriched"), () => string.Join(' ', consumer.Received.Keys));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Single(answers, answer => !JsonDocument.Parse(answer.Body).RootElement.GetProperty("duplicate").GetBoolean());
        Assert.Equal(["later", Id], await service.ListAsync());
        Assert.Equal(["recorded", "delivered", "fetched", "completed"], Service.Steps(record));
        Assert.Equal(1, service.Producer.Fetches["it"]);
        Assert.Single(consumer.Received[Id]);
        Assert.Single(consumer.Received[Id + ":enriched"]);
    }

    [Fact]
    public async Task Other_content_under_the_same_id_is_a_conflict_and_changes_nothing()
    {
        await using var service = await Service.StartAsync();
        using var first = await service.PostAsync(Service.Structured(Sent));
        using var other = await service.PostAsync(Service.Structured(Sent.Replace("\"a\":1", "\"a\":2", StringComparison.Ordinal)));
        using var lastDigit = await service.PostAsync(Service.Structured(Sent.Replace("7890}", "7891}", StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal("application/problem+json", other.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.Conflict, lastDigit.StatusCode);
        Assert.Equal(1, (await service.ReadAsync(Id)).GetProperty("data").GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task One_event_is_a_repeat_of_itself_in_whatever_form_it_comes()
    {
        await using var service = await Service.StartAsync();
        using var first = await service.PostAsync(Service.Structured(Sent));
        using (var document = JsonDocument.Parse(await first.Content.ReadAsStringAsync(Cancellation)))
        {
            Assert.False(document.RootElement.GetProperty("duplicate").GetBoolean());
        }

        foreach (var (form, content) in Forms())
        {
            using var answer = await service.PostAsync(content);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);

            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{form}: {answer.StatusCode} {body}");
            Assert.Contains("\"duplicate\":true", body, StringComparison.Ordinal);
        }

        await service.ReachesAsync(Id, "completed");
        Assert.Equal([Id], await service.ListAsync());
        Assert.Equal(1, service.Producer.Fetches["it"]);
    }

    [Fact]
    public async Task Thirty_digits_come_back_digit_for_digit_wherever_they_are_read()
    {
        await using var consumer = await Consumer.StartAsync();
        await using var service = await Service.StartAsync(consumer);
        using var posted = await service.PostAsync(Service.Structured(Sent));
        await service.ReachesAsync(Id, "completed");
        await Poll.UntilAsync(() => consumer.Received.ContainsKey(Id + ":enriched"), () => string.Join(' ', consumer.Received.Keys));

        Assert.Contains($"\"b\":{Digits}}}", await service.GetAsync(Id), StringComparison.Ordinal);
        Assert.Equal(StubProducer.DataOf("it"), await service.GetAsync(Id, "/data"));
        Assert.Contains($"\"b\":{Digits}}}", Assert.Single(consumer.Received[Id]), StringComparison.Ordinal);
        Assert.Contains($"\"data\":{StubProducer.DataOf("it")}", Assert.Single(consumer.Received[Id + ":enriched"]), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Form, HttpContent Content)> Forms()
    {
        yield return ("structured", Service.Structured(Sent));
        yield return ("other key order and white space", Service.Structured(
            $$$"""{ "data": { "b": {{{Digits}}}, "a": 1 }, "subject": "it", "datacontenttype": "application/json", "type": "thing.changed", "source": "{{{Service.Source}}}", "id": "{{{Id}}}", "specversion": "1.0" }"""));
        yield return ("plain", new StringContent(
            Sent.Replace("\"specversion\":\"1.0\",", "", StringComparison.Ordinal), new MediaTypeHeaderValue("application/json")));
        yield return ("batch", new StringContent($"[{Sent}]", new MediaTypeHeaderValue("application/cloudevents-batch+json")));
        yield return ("binary", Binary(Data, null));
        yield return ("gzip", Compressed(Sent, "gzip"));
        yield return ("br", Compressed(Sent, "br"));
        yield return ("binary and gzip", Binary(Compress(Data, "gzip"), "gzip"));
        yield return ("with a trace", Service.Structured(
            Sent.Replace("\"subject\"", "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",\"subject\"", StringComparison.Ordinal)));
        var traced = Service.Structured(Sent);
        traced.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        yield return ("in another trace", traced);
    }

    private static byte[] Data => Encoding.UTF8.GetBytes($$$"""{"a":1,"b":{{{Digits}}}}""");

    private static ByteArrayContent Binary(byte[] body, string? encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.Add("ce-specversion", "1.0");
        content.Headers.Add("ce-id", Id);
        content.Headers.Add("ce-source", Service.Source);
        content.Headers.Add("ce-type", "thing.changed");
        content.Headers.Add("ce-subject", "it");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static ByteArrayContent Compressed(string json, string encoding)
    {
        var content = new ByteArrayContent(Compress(Encoding.UTF8.GetBytes(json), encoding));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    private static byte[] Compress(byte[] bytes, string encoding)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding == "br" ? new BrotliStream(compressed, CompressionLevel.Fastest) : new GZipStream(compressed, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return compressed.ToArray();
    }
}
